// cache_loads: the loads and writes that are under way in one shard of a Cache. Not for threads by itself: the Cache
// holds the shard's lock.
//
//   load:   joinable -> overtaken      a write of its key came, or ended, since the load began: it serves those who have
//              |           |           joined, is found no more, and its value is not kept
//              +-> ended <-+
//   write:  alone -> contended         another write of its key was under way at some time while this one was: which of
//              |        |              the two the store did last is not known, so neither value is kept
//              +-> ended+
//
// Invariant: every joinable load is on the list, its leader owns it, and no write of its key has returned since it began.
// Few loads run at once (one per thread), so the lists are searched from end to end.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

#include "pool/containers/cache_shard.h"
#include "pool/containers/single_flight.h"
#include "pool/guarded.h"

namespace crosstalk::pool {

template <class K, class V>
struct CacheFlight : SingleFlight, std::enable_shared_from_this<CacheFlight<K, V>> {
  CacheFlight(K k, std::uint64_t h) : key(std::move(k)), hash(h) {}

  const K key;
  const std::uint64_t hash;
  bool keep = true;             // guarded by the shard's lock
  CacheFlight* next = nullptr;  // guarded by the shard's lock
  // The result, written by the leader, read after wait(): one of the two.
  std::shared_ptr<const V> value;
  std::exception_ptr error;
};

// Lives on the stack of its writer.
template <class K>
struct CacheWrite {
  const K& key;
  std::uint64_t hash;
  bool alone = true;           // guarded by the shard's lock
  CacheWrite* next = nullptr;  // guarded by the shard's lock
};

template <class K, class V>
class CacheLoads {
 public:
  using Flight = CacheFlight<K, V>;
  using Write = CacheWrite<K>;

  // A load of the key that is under way, or else `mine`, which is then.
  std::shared_ptr<Flight> join_or_begin(Flight& mine, CacheShardCounts& counts) {
    for (Flight* flight = flights_; flight != nullptr; flight = flight->next) {
      if (same(*flight, mine.hash, mine.key)) {
        ++counts.joined;
        return flight->shared_from_this();
      }
    }
    ++counts.loads;
    for (const Write* write = writes_; write != nullptr; write = write->next) {
      // It may see the store before the write, and end after it.
      if (same(*write, mine.hash, mine.key)) mine.keep = false;
    }
    mine.next = std::exchange(flights_, &mine);
    return mine.shared_from_this();
  }
  // Whether its value may be kept.
  bool end_load(Flight& mine) {
    remove(&flights_, [&](const Flight& flight) { return &flight == &mine; });
    return mine.keep;
  }

  void begin_write(Write& mine) {
    for (const Write* write = writes_; write != nullptr; write = write->next) {
      if (same(*write, mine.hash, mine.key)) mine.alone = false;
    }
    overtake(mine.hash, mine.key);
    mine.next = std::exchange(writes_, &mine);
  }
  // Whether its value may be kept.
  bool end_write(Write& mine) {
    remove(&writes_, [&](const Write& write) { return &write == &mine; });
    const bool alone = mine.alone;
    overtake(mine.hash, mine.key);
    return alone;
  }

  // The value of the key changes: what began before is out of date.
  template <class Q>
  void overtake(std::uint64_t hash, const Q& key) {
    for (Write* write = writes_; write != nullptr; write = write->next) {
      if (same(*write, hash, key)) write->alone = false;
    }
    remove(&flights_, [&](Flight& flight) {
      const bool overtaken = same(flight, hash, key);
      if (overtaken) flight.keep = false;
      return overtaken;
    });
  }
  void overtake_all() {
    for (Write* write = writes_; write != nullptr; write = write->next) write->alone = false;
    remove(&flights_, [](Flight& flight) {
      flight.keep = false;
      return true;
    });
  }

 private:
  template <class Item, class Q>
  static bool same(const Item& item, std::uint64_t hash, const Q& key) {
    return item.hash == hash && item.key == key;
  }
  template <class Item, class F>
  static void remove(Item** link, F&& leaves) {
    while (*link != nullptr) {
      if (leaves(**link)) {
        *link = (*link)->next;
      } else {
        link = &(*link)->next;
      }
    }
  }

  Flight* flights_ = nullptr;
  Write* writes_ = nullptr;
};

// All that stands behind the lock of one shard.
template <class K, class V>
struct CacheState : CacheShard<K, V> {
  CacheLoads<K, V> loads;
};

template <class K, class V, ExclusiveLock Lock>
struct CacheShardData {
  Guarded<CacheState<K, V>, Lock> state{};
  std::atomic<std::uint64_t> hits{0};
  std::atomic<std::uint64_t> misses{0};
};

}  // namespace crosstalk::pool
