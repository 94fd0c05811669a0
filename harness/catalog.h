// The catalog: which strategies a program can measure. A strategy is a server with a mechanism inside, named
// server/mechanism; its trial is one function pointer, so the choice at run time costs one indirect call per trial
// and nothing per operation.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/pool_kind.h"
#include "harness/trial.h"
#include "harness/verify/any_lock.h"
#include "harness/verify/any_map.h"
#include "pool/cell.h"
#include "pool/cell_conformance.h"
#include "pool/chat/coarse_server.h"
#include "pool/chat/map_server.h"
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
  verify::AnyLock (*lock)() =
      nullptr;  // the lock inside, as `crosstalk verify` takes it apart; null: there is none
  verify::AnyMap (*map)() = nullptr;  // the map inside; null: there is none
  pool::LockContract contract;
  std::size_t lock_bytes = 0;  // size of one lock; 0: the strategy has none
  bool one_thread = false;     // may only be used by one driver or worker
  bool composed = false;       // honours --dispatch and --store
  bool floor = false;          // measures the harness itself: its rows get role "floor"
  bool peer = false;           // of another library, beside which ours is measured
  bool plugged_in = false;     // added by the user of the library, not one of the built-in strategies
};

// Checks mechanism M against its contract.
template <pool::Mechanism M>
[[nodiscard]] std::string check_mechanism() {
  pool::ConformanceReport report;
  if constexpr (pool::ExclusiveLock<M>) {
    report = pool::check_lock<M>({});
  } else {
    report = pool::check_cell<M>({});
  }
  return report.passed ? std::string() : report.property + ": " + report.detail;
}

// Bytes of a lock, or of a cell around eight bytes of data.
template <pool::Mechanism M>
[[nodiscard]] constexpr std::size_t bytes_of() {
  if constexpr (pool::ExclusiveLock<M>) {
    return sizeof(M);
  } else {
    return sizeof(pool::CellOf<M, std::uint64_t>);
  }
}

// The strategy of a server that guards its data with mechanism M.
template <pool::Mechanism M>
[[nodiscard]] Strategy strategy_of(std::string name, TrialFn trial) {
  Strategy strategy;
  strategy.name = std::move(name);
  strategy.trial = trial;
  strategy.check = &check_mechanism<M>;
  if constexpr (pool::ExclusiveLock<M>) strategy.lock = &verify::any_lock<M>;
  strategy.contract = pool::kContractOf<M>;
  strategy.lock_bytes = bytes_of<M>();
  strategy.one_thread = strategy.contract.one_thread;
  strategy.composed = true;
  return strategy;
}

template <pool::Mechanism M>
[[nodiscard]] Strategy coarse_strategy(std::string_view mechanism) {
  return strategy_of<M>("coarse/" + std::string(mechanism), &run_trial<pool::CoarseServer<M, LiveProbe>>);
}
template <pool::ExclusiveLock L>
[[nodiscard]] Strategy sharded_strategy(std::string_view lock) {
  return strategy_of<L>("sharded/" + std::string(lock), &run_trial<pool::ShardedServer<L, LiveProbe>>);
}

// The strategy of a whole server; the name is server/mechanism.
template <pool::ChatOperations S>
[[nodiscard]] Strategy server_strategy(std::string_view name) {
  Strategy strategy;
  strategy.name = name;
  strategy.trial = &run_trial<S>;
  strategy.map = verify::MapInside<S>::value;
  strategy.composed = pool::ComposedServer<S>;
  return strategy;
}

class Catalog {
 public:
  // No strategies, and our own pool, `crosstalk`.
  Catalog();

  // Adds coarse/NAME and sharded/NAME, servers that guard their data with lock L. L needs lock() and unlock(); with
  // lock_shared() and unlock_shared() readers run together. Throws std::invalid_argument if the name is taken or holds
  // other characters than a-z, 0-9, '_' and '-'.
  template <pool::ExclusiveLock L>
  void add_lock(std::string_view name) {
    plug_in(coarse_strategy<L>(name));
    plug_in(sharded_strategy<L>(name));
  }

  // Adds coarse/NAME, a server that keeps its data in a cell of mechanism C (pool/cell.h). Throws as add_lock().
  template <pool::CellMechanism C>
  void add_cell(std::string_view name) {
    plug_in(coarse_strategy<C>(name));
  }

  // Adds map/NAME, a server that keeps rooms and sessions in maps of this kind: for K and V an EntryMap of K to V
  // (pool/containers/map_concept.h). Throws as add_lock().
  template <template <class, class> class Map>
  void add_map(std::string_view name) {
    plug_in(server_strategy<pool::MapServer<Map>>("map/" + std::string(name)));
  }

  // Adds a whole server under the name server/mechanism. Throws as add_lock().
  template <pool::ChatOperations S>
  void add_server(std::string_view name) {
    plug_in(server_strategy<S>(name));
  }

  // Adds an executor of the pooled path, --pool NAME. Throws as add_lock().
  template <MeasuredPool P>
  void add_pool(std::string_view name) {
    PoolKind kind = pool_kind<P>(std::string(name));
    kind.plugged_in = true;
    add(std::move(kind));
  }

  // Fills in server and mechanism from the name. Throws as add_lock().
  void add(Strategy strategy);
  void add(PoolKind kind);

  [[nodiscard]] const std::vector<Strategy>& strategies() const noexcept { return strategies_; }
  // NAME, or NAME#2 (any number), the same strategy under another name. Null if there is none.
  [[nodiscard]] const Strategy* find(std::string_view name) const noexcept;
  [[nodiscard]] const std::vector<PoolKind>& pools() const noexcept { return pools_; }
  [[nodiscard]] const PoolKind* find_pool(std::string_view name) const noexcept;

 private:
  void plug_in(Strategy strategy) {
    strategy.plugged_in = true;
    add(std::move(strategy));
  }

  std::vector<Strategy> strategies_;
  std::vector<PoolKind> pools_;
};

// null/null, reference/none, every lock of pool/builtin.h in the coarse and the sharded server, every cell in the coarse one, the
// other servers, and the peers that were found (sanitizer builds: some of them).
[[nodiscard]] Catalog builtin_catalog();

}  // namespace crosstalk::harness
