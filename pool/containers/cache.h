// cache: values by key for many threads, bounded by number, weight and age, which loads what it lacks once.
//
// Contract, key by key: after put(), invalidate(), clear() or write_through() has returned, no get that begins then
// returns a value from before it, also where a load that had begun earlier ends later: such a load serves those who asked
// before the write and is not kept. While a write_through() runs no load of its key is kept, and where other writes of the
// key overlap with it nothing is afterwards, as only the store knows which came last. Seen through the cache a store stays as
// linearizable per key as it is by itself, if every write to it goes through the cache; what others write to the store is
// seen at most `ttl` and the time of one load late.
//
//   hits + misses = gets;  inserted = entries + evicted + expired + replaced + removed     in every statistics()
//
// Concurrent misses of one key run the loader once; the others wait for it and share its value or its exception. A failed
// load is not kept: who asks next loads again. A loader may use the cache, for other keys; one that needs its own value,
// also by way of other threads' loads, gets std::logic_error instead of waiting for ever. No lock is held while a loader,
// a weigher, a store, the clock, an allocation or a destructor of K or V runs; Hash runs outside, operator== of K inside.
//
// Progress: get() takes one lock of type Lock, shared where it has shared locks; put() and invalidate() take it
// exclusively, write_through() twice; get_or_load() waits for a load of its key. Values are shared: they live as long as
// somebody holds them, evicted or not. Nobody may be inside a call when the cache is destroyed.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

#include "pool/cache_line.h"
#include "pool/containers/cache_loads.h"
#include "pool/containers/cache_options.h"
#include "pool/containers/cache_shard.h"
#include "pool/guarded.h"

namespace crosstalk::pool {

template <class K, class V, ExclusiveLock Lock, class Hash = CacheHash<K>>
class Cache {
 public:
  using Value = std::shared_ptr<const V>;
  using Options = CacheOptions<K, V>;

  // Throws std::invalid_argument, see CacheOptions.
  explicit Cache(Options options = {})
      : options_(std::move(options)), mask_(check_cache_options(options_) - 1) {
    shards_ = std::make_unique<Shard[]>(mask_ + 1);
    for (std::size_t i = 0; i <= mask_; ++i) {
      shards_[i]->state.write([&](State& state) { state.set_bounds(cache_bounds(options_, mask_ + 1, i)); });
    }
  }

  // Q in all of these: K, or what Hash and operator== take in its place.

  // Null if there is none.
  template <class Q>
  [[nodiscard]] Value get(const Q& key) {
    const Place place = place_of(key);
    Value value = find(place, key, now());
    count(place, value != nullptr);
    return value;
  }

  // What loader(const K&) returns if there is none. Never null. Passes the loader's exception on.
  template <class Q, class Loader>
  [[nodiscard]] Value get_or_load(const Q& key, Loader&& loader) {
    const Place place = place_of(key);
    const Deadline began = now();
    if (Value value = find(place, key, began)) {
      count(place, true);
      return value;
    }
    // Made before it is known to be needed: no allocation under the lock.
    auto mine = std::make_shared<Flight>(K(key), place.hash);
    bool hit = false;
    const auto [flight, value] = place.shard.state.write([&](State& state) {
      Entry* const entry = state.find(place.hash, mine->key);
      hit = entry != nullptr && entry->expires > began;
      if (hit) return std::pair(std::shared_ptr<Flight>(), State::hit(*entry));
      return std::pair(state.loads.join_or_begin(*mine, state.counts), Value());
    });
    count(place, hit);
    if (hit) return value;
    if (flight == mine) load(place, *flight, loader, began);
    flight->wait();  // over at once for its leader
    if (flight->error) std::rethrow_exception(flight->error);
    return flight->value;
  }

  // Returns the value as it is shared.
  Value put(K key, V value) {
    const Place place = place_of(key);
    const Deadline now = this->now();
    auto entry = new_entry(std::move(key), place.hash, std::make_shared<const V>(std::move(value)), now);
    Value shared = entry->value;
    Remains remains;
    place.shard.state.write([&](State& state) {
      state.loads.overtake(place.hash, entry->key);
      state.insert(std::move(entry), now, remains);
    });
    return shared;
  }

  // store(const K&, const V&) writes the value where it is kept; then the cache has it. If the store throws, it is not
  // known what it has, and so the cache has nothing; the exception is passed on.
  template <class Store>
  Value write_through(K key, V value, Store&& store) {
    const Place place = place_of(key);
    const Deadline began = now();
    Remains remains;  // outlives all that may put something into it
    auto entry = new_entry(std::move(key), place.hash, std::make_shared<const V>(std::move(value)), began);
    const Value shared = entry->value;
    const K written = entry->key;
    CacheWrite<K> write{.key = written, .hash = place.hash};
    place.shard.state.write([&](State& state) {
      state.loads.begin_write(write);
      state.erase(place.hash, written, remains);
    });
    const auto end = [&](bool stored) {
      place.shard.state.write([&](State& state) {
        if (state.loads.end_write(write) && stored) {
          state.insert(std::move(entry), began, remains);
        } else {
          state.erase(place.hash, written, remains);
        }
      });
    };
    try {
      std::forward<Store>(store)(written, *shared);
    } catch (...) {
      end(false);
      throw;
    }
    end(true);
    return shared;
  }

  // Whether there was one, out of date or not.
  template <class Q>
  bool invalidate(const Q& key) {
    const Place place = place_of(key);
    Remains remains;
    return place.shard.state.write([&](State& state) {
      state.loads.overtake(place.hash, key);
      return state.erase(place.hash, key, remains);
    });
  }
  // Shard by shard.
  void clear() {
    for (std::size_t i = 0; i <= mask_; ++i) {
      Remains remains;
      shards_[i]->state.write([&](State& state) {
        state.loads.overtake_all();
        state.clear(remains);
      });
    }
  }
  // Takes out what is out of date, which is otherwise done when it is asked for or its room is needed. Returns how many.
  std::size_t purge_expired() {
    std::size_t purged = 0;
    const Deadline now = this->now();
    for (std::size_t i = 0; i <= mask_; ++i) {
      Remains remains;
      purged += shards_[i]->state.write([&](State& state) { return state.purge(now, remains); });
    }
    return purged;
  }

  // Each shard as of one moment.
  [[nodiscard]] CacheStatistics statistics() const {
    CacheStatistics sum;
    for (std::size_t i = 0; i <= mask_; ++i) {
      const CacheShardData<K, V, Lock>& shard = *shards_[i];
      shard.state.read([&](const State& state) { sum.add(state.counts, state.entries(), state.bytes()); });
      // relaxed: see count().
      sum.hits += shard.hits.load(std::memory_order_relaxed);
      sum.misses += shard.misses.load(std::memory_order_relaxed);
    }
    return sum;
  }

 private:
  using Entry = CacheEntry<K, V>;
  using Remains = CacheRemains<K, V>;
  using Flight = CacheFlight<K, V>;

  using State = CacheState<K, V>;
  using Shard = CacheAligned<CacheShardData<K, V, Lock>>;
  struct Place {
    CacheShardData<K, V, Lock>& shard;
    std::uint64_t hash;
  };
  template <class Q>
  [[nodiscard]] Place place_of(const Q& key) const {
    const std::uint64_t hash = spread_cache_hash(Hash{}(key));
    return {*shards_[static_cast<std::size_t>(hash >> 40) & mask_], hash};
  }
  [[nodiscard]] Deadline now() const { return cache_now(options_); }
  auto new_entry(K key, std::uint64_t hash, Value value, Deadline began) const {
    return make_cache_entry(options_, std::move(key), hash, std::move(value), began);
  }
  static void count(const Place& place, bool hit) noexcept {
    // relaxed: a statistic.
    (hit ? place.shard.hits : place.shard.misses).fetch_add(1, std::memory_order_relaxed);
  }
  template <class Q>
  Value find(const Place& place, const Q& key, Deadline now) {
    bool stale = false;
    Value value = place.shard.state.read([&](const State& state) {
      const Entry* const entry = state.find(place.hash, key);
      stale = entry != nullptr && entry->expires <= now;
      return entry == nullptr || stale ? Value() : State::hit(*entry);
    });
    if (stale) {
      Remains remains;
      place.shard.state.write([&](State& state) { state.expire(place.hash, key, now, remains); });
    }
    return value;
  }
  // The flight ends here, one way or the other.
  template <class Loader>
  void load(const Place& place, Flight& flight, Loader& loader, Deadline began) {
    Remains remains;  // destroyed when nobody waits any more
    std::unique_ptr<Entry> entry;
    const SingleFlight::Leading leading(flight);
    try {
      flight.value = std::make_shared<const V>(loader(flight.key));
      entry = new_entry(flight.key, flight.hash, flight.value, began);
    } catch (...) {
      flight.error = std::current_exception();
    }
    place.shard.state.write([&](State& state) {
      const bool keep = state.loads.end_load(flight);
      if (flight.error) {
        ++state.counts.load_failures;
      } else if (keep) {
        state.insert(std::move(entry), began, remains);
      } else {
        ++state.counts.loads_discarded;
      }
    });
  }

  const Options options_;
  const std::size_t mask_;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace crosstalk::pool
