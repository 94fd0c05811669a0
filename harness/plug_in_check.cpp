#include "harness/plug_in_check.h"

#include <algorithm>
#include <map>

#include "harness/verify/component.h"
#include "harness/verify/component_page.h"
#include "harness/verify/trial_of_cases.h"

namespace crosstalk::harness {

namespace {

// Nearly all that is found is found in the first rounds; who wants more asks `crosstalk verify` itself.
constexpr double kSeconds = 0.5;

// Name of the component inside, as `crosstalk verify` has it; empty: there is none, or it is not plugged in.
std::string part_of(const Strategy* strategy) {
  if (strategy == nullptr || !strategy->plugged_in) return {};
  if (strategy->lock != nullptr) return "lock/" + strategy->mechanism;
  if (strategy->check != nullptr) return "cell/" + strategy->mechanism;
  return strategy->map != nullptr ? "map/" + strategy->mechanism : "";
}

std::string part_of(const PoolKind* pool) {
  return pool != nullptr && pool->plugged_in ? "pool/" + pool->name : "";
}

void judge(const verify::Component& component, const std::string& measured_as,
           const std::atomic<bool>* stop) {
  const verify::ComponentOutcome outcome =
      verify::run_cases(component.cases, {.seconds = kSeconds, .seed = 1}, stop);
  const verify::CaseOutcome* failed = outcome.failed();
  if (failed == nullptr) return;
  throw BrokenContract(measured_as + " breaks its contract: " + failed->outcome.property + ": " +
                           failed->outcome.detail +
                           "; --no-check measures it all the same, marked as not checked",
                       verify::failure_page(component, *failed));
}

}  // namespace

MeasuredParts measured_parts(const Plan& plan) {
  MeasuredParts parts;
  for (const PlanRow& row : plan) {
    parts.strategies.push_back(row.strategy);
    if (row.path == Path::pooled) parts.pools.push_back(row.pool);
  }
  return parts;
}

void check_plugged_in(const Catalog& catalog, const MeasuredParts& parts, const std::atomic<bool>* stop) {
  std::map<std::string, std::string> wanted;  // component -> under which name it would be measured
  for (const std::string& name : parts.strategies)
    wanted.emplace(part_of(catalog.find(name)), "strategy '" + name + "'");
  for (const std::string& name : parts.pools)
    wanted.emplace(part_of(catalog.find_pool(name)), "pool '" + name + "'");
  wanted.erase("");
  if (wanted.empty()) return;
  for (const verify::Component& component : verify::components_of(catalog)) {
    const auto found = wanted.find(component.name);
    if (found == wanted.end() || !component.plugged_in || component.cases.empty()) continue;
    // relaxed: a hint.
    if (stop != nullptr && stop->load(std::memory_order_relaxed)) return;
    judge(component, found->second, stop);
  }
}

bool needs_check(const Catalog& catalog, const PlanRow& row) {
  return !part_of(catalog.find(row.strategy)).empty() ||
         (row.path == Path::pooled && !part_of(catalog.find_pool(row.pool)).empty());
}

}  // namespace crosstalk::harness
