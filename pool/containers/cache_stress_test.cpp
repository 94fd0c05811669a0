// The cache under all threads and few keys: what must hold whatever the threads do.
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "pool/cache_line.h"
#include "pool/containers/cache.h"
#include "pool/lock_exercise.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

constexpr unsigned kCacheThreads = 4;

TEMPLATE_TEST_CASE("concurrent misses of one key run the loader once and share its value",
                   "[pool][cache][stress]", std::mutex, std::shared_mutex) {
  for (unsigned round = 0; round < stress_rounds(60); ++round) {
    Cache<unsigned, unsigned, TestType> cache;
    std::atomic<unsigned> loads{0};
    std::atomic<unsigned> wrong{0};
    detail::run_threads(kCacheThreads, [&](unsigned) {
      const auto value = cache.get_or_load(round, [&](unsigned key) {
        std::this_thread::yield();
        ++loads;
        return key + 1;
      });
      if (*value != round + 1) ++wrong;
    });
    REQUIRE(loads == 1);
    REQUIRE(wrong == 0);
    const CacheStatistics counts = cache.statistics();
    REQUIRE(counts.hits + counts.misses == kCacheThreads);
    REQUIRE(counts.misses == counts.loads + counts.joined);
  }
}

TEST_CASE("concurrent misses of one key share the exception of its load", "[pool][cache][stress]") {
  for (unsigned round = 0; round < stress_rounds(60); ++round) {
    Cache<unsigned, unsigned, std::mutex> cache;
    std::array<std::exception_ptr, kCacheThreads> caught;
    detail::run_threads(kCacheThreads, [&](unsigned id) {
      try {
        static_cast<void>(cache.get_or_load(7U, [&](unsigned) -> unsigned {
          std::this_thread::yield();
          throw std::runtime_error("no such room");
        }));
      } catch (const std::runtime_error&) {
        caught[id] = std::current_exception();
      }
    });
    for (const std::exception_ptr& each : caught) REQUIRE(each != nullptr);
    const CacheStatistics counts = cache.statistics();
    REQUIRE(counts.loads == counts.load_failures);
    REQUIRE(counts.misses == counts.loads + counts.joined);
    REQUIRE(counts.inserted == 0);
  }
}

// Each key has one writer, who writes 1, 2, 3, ... through the cache; everybody reads. The store is one word per key.
// What a reader must not see: less than what had been written when it asked, or less than what it saw before.
struct CacheStore {
  static constexpr unsigned kKeys = 3;
  std::array<CacheAligned<std::atomic<unsigned>>, kKeys> stored{};
  std::array<CacheAligned<std::atomic<unsigned>>, kKeys> written{};
};

template <class L>
unsigned read_cache_while_written(Cache<unsigned, unsigned, L>& cache, CacheStore& store, unsigned id) {
  std::array<unsigned, CacheStore::kKeys> seen{};
  unsigned stale = 0;
  for (unsigned n = 1; n <= 300; ++n) {
    const unsigned key = (n + id) % CacheStore::kKeys;
    if (key == id && n % 4 == 0) {
      const unsigned next = store.written[key]->load() + 1;
      if (n % 8 == 0) {
        cache.write_through(key, next, [&](unsigned k, unsigned value) { store.stored[k]->store(value); });
      } else {
        store.stored[key]->store(next);
        cache.invalidate(key);
      }
      store.written[key]->store(next);
    }
    if (n % 64 == 0) cache.clear();
    const unsigned least = std::max(store.written[key]->load(), seen[key]);
    const auto value = cache.get_or_load(key, [&](unsigned k) {
      const unsigned found = store.stored[k]->load();
      if (n % 5 == 0) std::this_thread::yield();  // slow enough for a write to overtake it
      return found;
    });
    if (*value < least) ++stale;
    seen[key] = *value;
  }
  return stale;
}

TEMPLATE_TEST_CASE("no get returns a value older than a write that had returned when it began",
                   "[pool][cache][stress]", std::mutex, std::shared_mutex) {
  for (unsigned round = 0; round < stress_rounds(15); ++round) {
    Cache<unsigned, unsigned, TestType> cache(
        {.entries_max = 2});  // fewer than keys, so that entries come and go
    CacheStore store;
    std::atomic<unsigned> stale{0};
    detail::run_threads(kCacheThreads,
                        [&](unsigned id) { stale += read_cache_while_written(cache, store, id); });
    REQUIRE(stale == 0);
    const CacheStatistics counts = cache.statistics();
    REQUIRE(counts.hits + counts.misses == kCacheThreads * 300);
    REQUIRE(counts.misses == counts.loads + counts.joined);
    REQUIRE(counts.inserted == counts.entries + counts.evicted + counts.replaced + counts.removed);
    REQUIRE(counts.inserted + counts.loads_discarded >= counts.loads);
  }
}

TEST_CASE("two threads that write one key leave what the store has, or nothing", "[pool][cache][stress]") {
  unsigned differences = 0;
  for (unsigned round = 0; round < stress_rounds(80); ++round) {
    Cache<unsigned, unsigned, std::mutex> cache;
    std::atomic<unsigned> stored{0};
    detail::run_threads(kCacheThreads, [&](unsigned id) {
      for (unsigned n = 0; n < 10; ++n) {
        cache.write_through(1U, id * 10 + n, [&](unsigned, unsigned value) {
          stored = value;
          if ((n + id) % 3 == 0) std::this_thread::yield();
        });
      }
    });
    const auto value = cache.get(1U);
    if (value && *value != stored) ++differences;
  }
  CHECK(differences == 0);
}

TEST_CASE("entries inserted are those present and those gone, whatever threads do to them",
          "[pool][cache][stress]") {
  for (unsigned round = 0; round < stress_rounds(20); ++round) {
    std::atomic<Deadline::rep> time{0};
    Cache<unsigned, unsigned, std::mutex> cache(
        {.entries_max = 8,
         .bytes_max = 64,
         .weigher = [](unsigned key, unsigned) { return key; },
         .ttl = std::chrono::nanoseconds(50),
         .shards = 2,
         .now = [&] { return Deadline(Deadline::duration(time++)); }});
    std::array<unsigned, kCacheThreads> gets{};
    detail::run_threads(kCacheThreads, [&](unsigned id) {
      unsigned random = round * kCacheThreads + id + 1;
      for (unsigned n = 0; n < 1000; ++n) {
        random = random * 1664525U + 1013904223U;
        const unsigned key = (random >> 8) % 40;
        switch ((random >> 24) % 8) {
          case 0:
            cache.put(key, n);
            break;
          case 1:
            cache.invalidate(key);
            break;
          case 2:
            cache.write_through(key, n, [](unsigned, unsigned) {});
            break;
          case 3:
            if (n % 50 == 0) cache.clear();
            if (n % 50 == 25) cache.purge_expired();
            break;
          case 4:
            static_cast<void>(cache.get(key));
            ++gets[id];
            break;
          default:
            static_cast<void>(cache.get_or_load(key, [](unsigned k) { return k; }));
            ++gets[id];
        }
      }
    });
    const CacheStatistics counts = cache.statistics();
    REQUIRE(counts.hits + counts.misses == gets[0] + gets[1] + gets[2] + gets[3]);
    REQUIRE(counts.inserted ==
            counts.entries + counts.evicted + counts.expired + counts.replaced + counts.removed);
    REQUIRE(counts.entries <= 8);
    REQUIRE(counts.bytes <= 64);
  }
}

}  // namespace
}  // namespace crosstalk::pool
