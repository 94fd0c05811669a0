// The catalog: which strategies a program can measure. A strategy is a server with a mechanism inside, named
// server/mechanism; its trial is one function pointer, so the choice at run time costs one indirect call per trial
// and nothing per operation.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/trial.h"
#include "pool/chat/coarse_server.h"
#include "pool/chat/sharded_server.h"
#include "pool/conformance.h"
#include "pool/contract.h"
#include "pool/guarded.h"

namespace crosstalk::harness {

// Runs one trial and fills the report. Called in a child process of its own.
using TrialFn = void (*)(const TrialInput&, TrialReport&);

// Checks the mechanism of a strategy against its contract; empty: passed, else property and detail.
using CheckFn = std::string (*)();

struct Strategy {
  std::string name;       // "sharded/ticket"
  std::string server;     // "sharded"; set by Catalog::add
  std::string mechanism;  // "ticket"; set by Catalog::add
  TrialFn trial = nullptr;
  CheckFn check = nullptr;  // null: nothing to check beside the laws of the trial
  pool::LockContract contract;
  std::size_t lock_bytes = 0;  // size of one lock; 0: the strategy has none
  bool one_thread = false;     // may only be used by one driver or worker
  bool composed = false;       // honours --dispatch and --store
  bool floor = false;          // measures the harness itself: its rows get role "floor"
  bool plugged_in = false;     // added by the user of the library, not one of the built-in strategies
};

// The strategy of a server that guards its data with lock L.
template <pool::ExclusiveLock L>
[[nodiscard]] Strategy strategy_of_lock(std::string name, TrialFn trial) {
  Strategy strategy;
  strategy.name = std::move(name);
  strategy.trial = trial;
  strategy.check = [] {
    const auto report = pool::check_lock<L>({});
    return report.passed ? std::string() : report.property + ": " + report.detail;
  };
  strategy.contract = pool::kContractOf<L>;
  strategy.lock_bytes = sizeof(L);
  strategy.one_thread = strategy.contract.one_thread;
  strategy.composed = true;
  return strategy;
}

template <pool::ExclusiveLock L>
[[nodiscard]] Strategy coarse_strategy(std::string_view lock) {
  return strategy_of_lock<L>("coarse/" + std::string(lock), &run_trial<pool::CoarseServer<L, LiveProbe>>);
}
template <pool::ExclusiveLock L>
[[nodiscard]] Strategy sharded_strategy(std::string_view lock) {
  return strategy_of_lock<L>("sharded/" + std::string(lock), &run_trial<pool::ShardedServer<L, LiveProbe>>);
}

class Catalog {
 public:
  // Adds coarse/NAME and sharded/NAME, servers that guard their data with lock L. L needs lock() and unlock(); with
  // lock_shared() and unlock_shared() readers run together. Throws std::invalid_argument if the name is taken or holds
  // other characters than a-z, 0-9, '_' and '-'.
  template <pool::ExclusiveLock L>
  void add_lock(std::string_view name) {
    for (Strategy strategy : {coarse_strategy<L>(name), sharded_strategy<L>(name)}) {
      strategy.plugged_in = true;
      add(std::move(strategy));
    }
  }

  // Adds a whole server under the name server/mechanism. Throws as add_lock().
  template <pool::ChatOperations S>
  void add_server(std::string_view name) {
    Strategy strategy;
    strategy.name = name;
    strategy.trial = &run_trial<S>;
    strategy.composed = pool::ComposedServer<S>;
    strategy.plugged_in = true;
    add(std::move(strategy));
  }

  // Fills in server and mechanism from the name. Throws as add_lock().
  void add(Strategy strategy);

  [[nodiscard]] const std::vector<Strategy>& strategies() const noexcept { return strategies_; }
  // Null if there is none.
  [[nodiscard]] const Strategy* find(std::string_view name) const noexcept;

 private:
  std::vector<Strategy> strategies_;
};

// null/null, reference/none and every lock of pool/builtin.h in the coarse and the sharded server (sanitizer builds:
// a few of them).
[[nodiscard]] Catalog builtin_catalog();

}  // namespace crosstalk::harness
