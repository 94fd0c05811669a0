#include "harness/verify/component.h"

#include <algorithm>
#include <set>
#include <utility>

#include "harness/glob.h"
#include "harness/verify/container_cases.h"
#include "harness/verify/lock_cases.h"
#include "harness/verify/pool_cases.h"
#include "harness/verify/server_cases.h"

namespace crosstalk::harness::verify {

namespace {

std::string words_of(const pool::LockContract& contract) {
  if (contract.one_thread) return "one thread";
  std::string words = contract.shared ? "exclusive and shared" : "exclusive";
  if (contract.fairness == pool::Fairness::fifo) words += ", in order of arrival";
  if (contract.fairness == pool::Fairness::bounded)
    words += ", bypass at most " + std::to_string(contract.bypass_bound);
  return words;
}

std::string words_of(const pool::PoolContract& contract) {
  std::string words = "every accepted task runs once";
  if (contract.fifo) words += ", in order of submission";
  if (contract.priorities) words += ", urgent ones first";
  if (contract.elastic) words += ", threads come and go within bounds";
  return words;
}

// A check is one step, of a hundred thousand operations and more.
constexpr std::uint32_t kCheckPatience = 8;

// The conformance check of a mechanism as a case: it says itself what broke.
VerifyCase conformance_case(CheckFn check) {
  return {"conformance", [check](CaseRun& run) {
            run.long_steps(kCheckPatience);
            const std::size_t cell = run.cell("conformance check");
            run.rounds([&](const Round&) {
              const std::string broken = check();
              if (!broken.empty()) run.fail(broken.substr(0, broken.find(':')), broken);
              run.count(cell);
            });
          }};
}

Component mechanism_component(const Strategy& strategy) {
  Component one;
  one.promises = words_of(strategy.contract);
  one.peer = strategy.peer;
  one.plugged_in = strategy.plugged_in;
  if (strategy.lock != nullptr) {
    one.name = "lock/" + strategy.mechanism;
    one.cases = lock_cases(strategy.lock());
    if (one.cases.empty()) one.why_none = "it is for one thread and promises nothing that could be broken";
  } else {
    one.name = "cell/" + strategy.mechanism;
    one.cases = {conformance_case(strategy.check)};
  }
  return one;
}

void add_servers(std::vector<Component>& all, const Catalog& catalog) {
  for (const Strategy& strategy : catalog.strategies()) {
    if (strategy.trial == nullptr) continue;
    std::vector<VerifyCase> cases =
        server_cases({strategy.trial, strategy.one_thread, strategy.floor, strategy.composed});
    // A server around a map bears the map's name; it is tried with it.
    const auto same =
        std::find_if(all.begin(), all.end(), [&](const Component& one) { return one.name == strategy.name; });
    if (same != all.end()) {
      same->cases.insert(same->cases.end(), cases.begin(), cases.end());
      same->promises += ", and the laws of every trial";
      continue;
    }
    all.push_back({.name = strategy.name,
                   .promises = "the laws of every trial",
                   .cases = std::move(cases),
                   .peer = strategy.peer,
                   .plugged_in = strategy.plugged_in,
                   .server = true});
  }
}

// Of the program: a list that is only written before anything runs.
std::vector<void (*)(std::vector<Component>&)>& offers() {
  static std::vector<void (*)(std::vector<Component>&)> all;
  return all;
}

}  // namespace

void offer_components(void (*add)(std::vector<Component>&)) {
  offers().push_back(add);
}

std::vector<Component> components_of(const Catalog& catalog) {
  std::vector<Component> all;
  std::set<std::string> seen;
  for (const Strategy& strategy : catalog.strategies()) {
    if (strategy.check != nullptr && seen.insert("mechanism " + strategy.mechanism).second) {
      all.push_back(mechanism_component(strategy));
    }
    if (strategy.map == nullptr || !seen.insert("map " + strategy.mechanism).second) continue;
    all.push_back({.name = "map/" + strategy.mechanism,
                   .promises = "linearizable by key",
                   .cases = map_cases(strategy.map()),
                   .peer = strategy.peer,
                   .plugged_in = strategy.plugged_in});
  }
  for (const PoolKind& kind : catalog.pools()) {
    all.push_back({.name = "pool/" + kind.name,
                   .promises = words_of(kind.contract),
                   .cases = pool_cases({kind.make, kind.contract}),
                   .peer = kind.peer,
                   .plugged_in = kind.plugged_in});
  }
  add_builtin_components(all);
  add_builtin_services(all);
  add_builtin_chat(all);
  add_builtin_sync(all);
  add_builtin_stores(all);
  add_builtin_rooms(all);
  add_builtin_queues(all);
  for (const auto add : offers()) add(all);
  add_servers(all, catalog);
  return all;
}

std::vector<Component> chosen_components(const std::vector<Component>& all, std::string_view pattern) {
  std::vector<Component> chosen;
  for (const Component& one : all) {
    const std::string_view name = std::string_view(one.name).substr(one.name.find('/') + 1);
    if (glob_matches(pattern, one.name) || (!one.server && glob_matches(pattern, name)))
      chosen.push_back(one);
  }
  return chosen;
}

}  // namespace crosstalk::harness::verify
