#include "harness/plug_in_check.h"

#include <cstdint>
#include <cstring>
#include <set>
#include <string>

#include "harness/child.h"

namespace crosstalk::harness {

namespace {

// Empty: passed.
std::string verdict(CheckFn check, const std::atomic<bool>* stop, std::chrono::seconds patience) {
  const SharedReport report = make_shared_report();
  // relaxed: the child is not there yet.
  report->phase.store(Phase::check, std::memory_order_relaxed);
  const auto look = [check](TrialReport& found) {
    const std::string broken = check();
    std::strncpy(found.laws.broken.data(), broken.c_str(), found.laws.broken.size() - 1);
  };
  const auto patience_ns = static_cast<std::uint64_t>(std::chrono::nanoseconds(patience).count());
  const std::string failure = run_in_child(look, stop, *report, patience_ns);
  return failure.empty() ? report->laws.broken.data() : failure;
}

}  // namespace

void check_plugged_in(const Catalog& catalog, const std::vector<std::string>& strategies,
                      const std::atomic<bool>* stop, std::chrono::seconds patience) {
  std::set<CheckFn> seen;
  for (const std::string& name : strategies) {
    const Strategy* strategy = catalog.find(name);
    if (strategy == nullptr || !strategy->plugged_in || strategy->check == nullptr) continue;
    // relaxed: a hint.
    if (stop != nullptr && stop->load(std::memory_order_relaxed)) return;
    if (!seen.insert(strategy->check).second) continue;
    const std::string broken = verdict(strategy->check, stop, patience);
    if (broken.empty()) continue;
    std::string text = "strategy '";
    text.append(name).append("' breaks its contract: ").append(broken);
    throw BrokenContract(text + "; --no-check measures it all the same");
  }
}

}  // namespace crosstalk::harness
