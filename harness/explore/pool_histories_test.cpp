// What the pool's containers and queues promise of the order of operations, explored: the answers of every execution must be those of
// some order of the operations, one after the other (history.h). Judged by pool_scenarios_test.cpp, and run by crosstalk_explore_pool.
#include <cstdint>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include "harness/explore/history.h"
#include "harness/explore/scenario.h"
#include "pool/containers/cache.h"
#include "pool/containers/concurrent_map.h"
#include "pool/containers/concurrent_set.h"
#include "pool/containers/counter.h"
#include "pool/containers/flat_map.h"
#include "pool/executor/thread_pool.h"
#include "pool/locks/rw_lock.h"
#include "pool/resources/write_queue.h"

namespace crosstalk::harness::explore {

namespace {

using LockedMap = pool::ConcurrentMap<std::uint64_t, std::int64_t, pool::RwLock>;
using GroupMap = pool::FlatMap<std::uint64_t, std::int64_t>;
using LockedSet = pool::ConcurrentSet<std::uint64_t, pool::RwLock>;

// The operations of one thread on one key of a map.
template <class Map>
class NotedMap {
 public:
  NotedMap(History& history, Map& map, unsigned thread) : history_(history), map_(map), thread_(thread) {}

  void insert(std::int64_t value) {
    history_.note(thread_, op::kInsert, 1, value, [&] { return map_.insert_if_absent(1, value) ? 1 : 0; });
  }
  void erase() {
    history_.note(thread_, op::kErase, 1, 0, [&] { return map_.erase(1) ? 1 : 0; });
  }
  void get() {
    history_.note(thread_, op::kGet, 1, 0, [&] { return map_.get(1).value_or(verify::kNone); });
  }
  void set(std::int64_t value) {
    history_.note(thread_, op::kSet, 1, value, [&] {
      map_.set(1, value);
      return 0;
    });
  }

 private:
  History& history_;
  Map& map_;
  const unsigned thread_;
};

template <class Map>
void linearizable_map(Map& map) {
  History history;
  {
    std::jthread first([&] {
      NotedMap mine(history, map, 0);
      mine.insert(5);
      mine.erase();
    });
    std::jthread second([&] {
      NotedMap mine(history, map, 1);
      mine.get();
      mine.insert(6);
    });
    NotedMap(history, map, 2).set(7);
  }
  NotedMap(history, map, 2).get();
  history.require_linearizable(verify::kNone, verify::map_key_model);
}

// One key comes and another one goes: size() must answer what was true at some instant.
template <class Keys, class Insert, class Erase>
void linearizable_size(Keys& keys, Insert insert, Erase erase) {
  History history;
  insert(3);
  {
    std::jthread first([&] {
      history.note(0, op::kInsert, 0, 0, [&] { return insert(0) ? 1 : 0; });
      history.note(0, op::kErase, 3, 0, [&] { return erase(3) ? 1 : 0; });
    });
    std::jthread second(
        [&] { history.note(1, op::kSize, 0, 0, [&] { return static_cast<std::int64_t>(keys.size()); }); });
  }
  history.require_linearizable(verify::ModelState{1} << 3, verify::map_size_model);
}

template <class Counter>
void linearizable_counter() {
  Counter counter;
  History history;
  const auto increment = [&](unsigned thread) {
    history.note(thread, op::kIncrement, 0, 1, [&] { return counter.increment(1); });
  };
  {
    std::jthread first([&] {
      increment(0);
      history.note(0, op::kCompareAndSwap, 1, 9, [&] { return counter.compare_and_swap(1, 9) ? 1 : 0; });
    });
    std::jthread second([&] {
      increment(1);
      history.note(1, op::kExchange, 0, 4, [&] { return counter.exchange(4); });
    });
  }
  history.note(2, op::kGet, 0, 0, [&] { return counter.get(); });
  history.require_linearizable(0, verify::counter_model);
}

// The entry's number stands in it and in its body.
pool::AppendStatus push_number(pool::WriteQueue& queue, std::int64_t number, pool::Deadline deadline) {
  pool::WriteEntry entry;
  entry.bytes = sizeof number;
  entry.sequence = static_cast<std::uint64_t>(number);
  return queue.push(entry, &number, deadline);
}

std::vector<std::int64_t> take_numbers(pool::WriteQueue& queue) {
  std::vector<std::int64_t> numbers;
  const pool::WriteBatch batch = queue.take();
  const pool::WriteEntry* entry = batch.first;
  for (std::size_t i = 0; i < batch.entries; ++i, entry = &entry->next()) {
    std::int64_t number = 0;
    std::memcpy(&number, entry->body(), sizeof number);
    require(number == static_cast<std::int64_t>(entry->sequence), "an entry has the body of another one");
    numbers.push_back(number);
  }
  return numbers;
}

constexpr std::size_t kEntryBytes = sizeof(pool::WriteEntry) + sizeof(std::int64_t);

// Takes until the queue is closed and empty, and returns how many there were.
int take_all(pool::WriteQueue& queue) {
  int taken = 0;
  for (;;) {
    const std::size_t more = take_numbers(queue).size();
    if (more == 0) return taken;
    taken += static_cast<int>(more);
  }
}

}  // namespace

EXPLORE_AS("map/concurrent_map/linearizable") {
  LockedMap map(2);
  linearizable_map(map);
}

EXPLORE_AS("map/flat_map_whole/linearizable") {
  GroupMap map;
  linearizable_map(map);
}

EXPLORE_AS("map/concurrent_map_coarse/linearizable_size") {
  LockedMap map(1);
  linearizable_size(
      map, [&](std::uint64_t key) { return map.insert_if_absent(key, 1); },
      [&](std::uint64_t key) { return map.erase(key); });
}

EXPLORE_AS("set/concurrent_set/linearizable_size") {
  LockedSet set;
  linearizable_size(
      set, [&](std::uint64_t key) { return set.add(key); },
      [&](std::uint64_t key) { return set.remove(key); });
}

EXPLORE_AS("counter/locked/linearizable") {
  linearizable_counter<pool::LockedCounter<std::mutex>>();
}

EXPLORE_AS("counter/atomic/linearizable") {
  linearizable_counter<pool::AtomicCounter>();
}

// Entries may go at any time, but what is there is what was put last.
EXPLORE_AS("cache/cache/linearizable") {
  using Numbers = pool::Cache<std::uint64_t, std::int64_t, pool::RwLock>;
  Numbers::Options options;
  options.entries_max = 4;
  constexpr std::uint64_t kKey = 1;
  Numbers cache(std::move(options));
  History history;
  const auto get = [&](unsigned thread) {
    history.note(thread, op::kGet, kKey, 0, [&] {
      const auto found = cache.get(kKey);
      return found ? *found : verify::kNone;
    });
  };
  {
    std::jthread first([&] {
      history.note(0, op::kPut, kKey, 5, [&] {
        cache.put(kKey, 5);
        return 0;
      });
      get(0);
    });
    std::jthread second([&] {
      history.note(1, op::kInvalidate, kKey, 0, [&] { return cache.invalidate(kKey) ? 1 : 0; });
      get(1);
    });
  }
  history.require_linearizable(verify::kNone, verify::cache_key_model);
}

// One worker: tasks run in the order in which they were taken in. A run is noted a little after the task has left the queue, which
// changes nothing in their order.
EXPLORE_AS("pool/crosstalk/in_order_of_submission", Schedules::sample) {
  History history;
  {
    pool::ThreadPool threads(pool::PoolOptions::fixed(1));
    const auto post = [&](unsigned thread, std::int64_t number) {
      history.note(thread, op::kEnqueue, 0, number, [&] {
        threads.post([&history, number] { history.note(3, op::kDequeue, 0, 0, [&] { return number; }); });
        return 0;
      });
    };
    {
      std::jthread first([&] { post(0, 1), post(0, 2); });
      std::jthread second([&] { post(1, 3); });
    }
    threads.shutdown();
  }
  history.require_linearizable(0, queue_model);
}

EXPLORE_AS("resources/write_queue/in_order") {
  pool::WriteQueue queue(4 * kEntryBytes);
  History history;
  const auto push = [&](unsigned thread, std::int64_t number) {
    history.note(thread, op::kEnqueue, 0, number, [&] {
      require(push_number(queue, number, pool::kNoDeadline) == pool::AppendStatus::queued, "not taken in");
      return 0;
    });
  };
  std::size_t taken = 0;
  {
    std::jthread first([&] { push(0, 1), push(0, 2); });
    std::jthread second([&] { push(1, 3); });
    while (taken < 3) {
      for (const std::int64_t number : take_numbers(queue)) {
        history.note(3, op::kDequeue, 0, 0, [&] { return number; });
        ++taken;
      }
    }
  }
  history.require_linearizable(0, queue_model);
}

// Who waits for space is woken when there is some.
EXPLORE_AS("resources/write_queue/full") {
  pool::WriteQueue queue(kEntryBytes);
  int taken = 0;
  {
    const auto push = [&] {
      require(push_number(queue, 1, pool::kNoDeadline) == pool::AppendStatus::queued, "not taken in");
    };
    std::jthread first(push);
    std::jthread second(push);
    while (taken < 2) taken += static_cast<int>(take_numbers(queue).size());
  }
  require(taken == 2 && queue.size() == 0, "an entry is lost or doubled");
}

EXPLORE_AS("resources/write_queue/time_out_against_take") {
  pool::WriteQueue queue(kEntryBytes);
  int queued = 1;
  int taken = 0;
  require(push_number(queue, 1, pool::Deadline{}) == pool::AppendStatus::queued, "no room in an empty queue");
  {
    std::jthread hasty([&] {
      const pool::Deadline soon = pool::deadline_in(std::chrono::milliseconds(1));
      if (push_number(queue, 2, soon) == pool::AppendStatus::queued) ++queued;
      queue.close();
    });
    taken = take_all(queue);
  }
  require(taken == queued, "an entry is lost, or one that was refused is there");
}

// The end: who waits for space is told, and what was taken in before is still handed out.
EXPLORE_AS("resources/write_queue/close_against_push") {
  pool::WriteQueue queue(kEntryBytes);
  int queued = 0;
  int taken = 0;
  {
    std::jthread pushing([&] {
      for (std::int64_t number = 1; number <= 2; ++number) {
        const pool::AppendStatus status = push_number(queue, number, pool::kNoDeadline);
        require(status == pool::AppendStatus::queued || status == pool::AppendStatus::closed,
                "a wrong answer");
        queued += status == pool::AppendStatus::queued ? 1 : 0;
      }
    });
    std::jthread closing([&] { queue.close(); });
    taken = take_all(queue);
  }
  require(taken == queued, "an entry is lost, or one that was refused is there");
}

}  // namespace crosstalk::harness::explore
