// What the parts of the pool promise besides locks, whose promises are in contract.h: one structure a kind of part, and the
// promises of our own parts. The verifier judges a part by these and by nothing else: what a contract leaves open is no fault.
#pragma once

#include <cstdint>
#include <string_view>

namespace crosstalk::pool {

// Maps and sets. Operations on one key are linearizable in all of them; EntryMap's laws are in containers/map_concept.h.
struct MapContract {
  bool size_linearizable =
      false;  // size() is the size of one moment; else of none in particular while others write
  std::string_view note{};
};

// Counters. Quiescent: exact when nobody adds, and no operation returns a value.
struct CounterContract {
  bool linearizable = true;
  std::string_view note{};
};

// Caches. A value may always be absent; what is there is never older than the last put() or invalidate() of its key that
// returned before the get began, and concurrent misses of one key load it once.
struct CacheContract {
  std::uint64_t entries_slack = 0;  // how far the number of entries may exceed its bound
  std::string_view note{};
};

// Executors (executor/executor.h). All: an accepted task runs exactly once, shutdown() runs what was accepted and returns.
struct PoolContract {
  bool fifo = false;        // tasks of one submitter and priority start in the order of their submission
  bool priorities = false;  // an urgent task starts before one of lower priority that waits beside it
  std::uint64_t patience =
      0;  // how often a waiting lane may be passed over before it is served all the same; 0: for ever
  bool elastic = false;  // min_threads and keep_alive are honoured: between them and max_threads it breathes
  bool threads_counted =
      false;  // stats(): active + idle == total <= max_threads whenever nobody is inside a call
  std::string_view note{};
};

enum class Unsubscribing : std::uint8_t {
  sync,  // after unsubscribe() has returned on another thread than a callback's, nothing runs or starts
  late,  // an event that was published before may still come
};

// Event buses. All: whoever is subscribed before a publish() begins and after it ended gets the event exactly once.
struct BusContract {
  bool sender_order = true;  // events of one publisher reach a subscriber in the order of publishing
  Unsubscribing unsubscribing = Unsubscribing::sync;
  std::string_view note{};
};

// Pools of connections. All: at most `max` are lent, none to two holders, and a permit is never lost.
struct ConnectionPoolContract {
  bool fifo = false;  // waiters are served in order of arrival
  std::string_view note{};
};

// What synchronizes without owning data. All: a notification given after a waiter has prepared is not lost.
struct SyncContract {
  std::string_view note{};
};

// Stores. All: what was acknowledged is stored, once, and survives the process.
struct StoreContract {
  std::string_view note{};
};

// Chat servers promise the laws of harness/laws.h, which every trial checks; a server without delivery order says so.
struct ServerContract {
  bool sender_order = true;
  std::string_view note{};
};

// The promises of our own parts.
inline constexpr MapContract kConcurrentMapContract{
    .size_linearizable = false, .note = "with one shard size() and clear() are linearizable, too"};
inline constexpr MapContract kCoarseMapContract{.size_linearizable = true};
inline constexpr MapContract kConcurrentSetContract{.size_linearizable = true};
inline constexpr MapContract kFlatMapContract{.size_linearizable = false};
inline constexpr MapContract kEntryMapContract{.size_linearizable = false, .note = "has no size()"};
inline constexpr CounterContract kLockedCounterContract{};
inline constexpr CounterContract kAtomicCounterContract{};
inline constexpr CounterContract kStripedCounterContract{.linearizable = false};
inline constexpr CacheContract kCacheContract{};
inline constexpr PoolContract kThreadPoolContract{
    .fifo = true, .priorities = true, .patience = 64, .elastic = true, .threads_counted = true};
inline constexpr BusContract kInlineBusContract{};
inline constexpr BusContract kPooledBusContract{};
inline constexpr BusContract kThreadBusContract{.sender_order = false, .note = "a thread an event"};
inline constexpr ConnectionPoolContract kConnectionPoolContract{.fifo = true};
inline constexpr SyncContract kSyncContract{};
inline constexpr StoreContract kStoreContract{};

}  // namespace crosstalk::pool
