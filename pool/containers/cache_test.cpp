#include "pool/containers/cache.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "pool/sync/semaphore.h"

namespace crosstalk::pool {
namespace {

using CacheOfStrings = Cache<std::string, std::string, std::mutex>;
using CacheOfNumbers = Cache<std::uint64_t, std::uint64_t, std::mutex>;

// The law of the header, and that of the gets, of which the test knows the number.
void check_cache_laws(const CacheStatistics& counts, std::uint64_t gets) {
  CHECK(counts.hits + counts.misses == gets);
  CHECK(counts.inserted ==
        counts.entries + counts.evicted + counts.expired + counts.replaced + counts.removed);
}

std::uint64_t cached(CacheOfNumbers& cache, std::uint64_t key) {
  const auto value = cache.get(key);
  return value ? *value : 0;
}

TEST_CASE("a cache returns what was put, and null for what was not", "[pool][cache]") {
  CacheOfStrings cache;
  CHECK(cache.get("a") == nullptr);
  CHECK(*cache.put("a", "one") == "one");
  CHECK(*cache.get(std::string("a")) == "one");
  CHECK(*cache.put("a", "two") == "two");
  CHECK(*cache.get("a") == "two");
  CHECK(cache.invalidate("a"));
  CHECK_FALSE(cache.invalidate("a"));
  CHECK(cache.get("a") == nullptr);
  const CacheStatistics counts = cache.statistics();
  check_cache_laws(counts, 4);
  CHECK(counts.hits == 2);
  CHECK(counts.inserted == 2);
  CHECK(counts.replaced == 1);
  CHECK(counts.removed == 1);
}

TEST_CASE("a cache of strings is asked by string_view", "[pool][cache]") {
  CacheOfStrings cache({.shards = 4});
  cache.put("room 7", "general");
  constexpr std::string_view kLine = "room 7: hello";
  CHECK(*cache.get(kLine.substr(0, 6)) == "general");
  CHECK(*cache.get_or_load(kLine.substr(8), [](const std::string& key) { return key + "!"; }) == "hello!");
  CHECK(cache.invalidate(kLine.substr(8)));
}

TEST_CASE("a value outlives its entry while somebody holds it", "[pool][cache]") {
  CacheOfStrings cache;
  const auto held = cache.put("a", "one");
  cache.clear();
  CHECK(*held == "one");
  CHECK(cache.statistics().entries == 0);
}

TEST_CASE("the first entry that was not asked for since the hand passed is evicted, as SIEVE says",
          "[pool][cache]") {
  CacheOfNumbers cache({.entries_max = 3});
  for (const std::uint64_t key : {1U, 2U, 3U}) cache.put(key, key);
  CHECK(cached(cache, 1) == 1);  // marked: the hand passes it, takes the mark away and evicts 2
  cache.put(4, 4);
  CHECK(cache.statistics().entries == 3);
  CHECK(cached(cache, 2) == 0);
  // The hand stands at 3, which has no mark, and goes on from there: 1 is looked at last.
  cache.put(5, 5);
  CHECK(cached(cache, 3) == 0);
  CHECK(cached(cache, 1) == 1);
  CHECK(cached(cache, 4) == 4);
  CHECK(cached(cache, 5) == 5);
  // All are marked: the hand walks 4, 5, 1, and then evicts 4.
  cache.put(6, 6);
  CHECK(cached(cache, 4) == 0);
  check_cache_laws(cache.statistics(), 7);
  CHECK(cache.statistics().evicted == 3);
}

TEST_CASE("the weights in a cache never exceed its bytes", "[pool][cache]") {
  CacheOfStrings cache({.entries_max = 100,
                        .bytes_max = 10,
                        .weigher = [](const auto&, const std::string& value) { return value.size(); }});
  cache.put("a", "1234");
  cache.put("b", "1234");
  CHECK(cache.statistics().bytes == 8);
  cache.put("c", "1234567");  // both have to go
  CHECK(cache.statistics().bytes == 7);
  CHECK(cache.statistics().evicted == 2);
  cache.put("c", "12345678901");  // heavier than the cache: not kept, and the old value is not served either
  CHECK(cache.get("c") == nullptr);
  CHECK(cache.statistics().too_heavy == 1);
  CHECK(cache.statistics().bytes == 0);
  check_cache_laws(cache.statistics(), 1);
}

TEST_CASE("an entry is served until its time is over and not at that instant", "[pool][cache]") {
  Deadline now{};
  CacheOfNumbers cache({.ttl = std::chrono::seconds(10), .now = [&] { return now; }});
  cache.put(1, 1);
  now += std::chrono::nanoseconds(9'999'999'999);
  CHECK(cached(cache, 1) == 1);
  now += std::chrono::nanoseconds(1);
  CHECK(cached(cache, 1) == 0);
  CHECK(cache.statistics().expired == 1);
  CHECK(cache.statistics().entries == 0);
}

TEST_CASE("what is out of date leaves when asked for, when its room is needed and when purged",
          "[pool][cache]") {
  Deadline now{};
  CacheOfNumbers cache({.entries_max = 2, .ttl = std::chrono::seconds(1), .now = [&] { return now; }});
  cache.put(1, 1);
  cache.put(2, 2);
  now += std::chrono::seconds(1);
  cache.put(3, 3);
  CHECK(cache.statistics().expired == 1);
  CHECK(cache.statistics().evicted == 0);
  CHECK(cache.purge_expired() == 1);
  CHECK(cached(cache, 3) == 3);
  now += std::chrono::seconds(1);
  CHECK(cached(cache, 3) == 0);
  check_cache_laws(cache.statistics(), 2);
}

TEST_CASE("the age of a value counts from before its load began", "[pool][cache]") {
  Deadline now{};
  CacheOfNumbers cache({.ttl = std::chrono::seconds(2), .now = [&] { return now; }});
  const auto slow = [&](std::uint64_t key) {
    now += std::chrono::seconds(1);
    return key;
  };
  CHECK(*cache.get_or_load(7U, slow) == 7);
  CHECK(cached(cache, 7) == 7);
  now += std::chrono::seconds(1);
  CHECK(cached(cache, 7) == 0);
}

TEST_CASE("a cache loads what it lacks and no more", "[pool][cache]") {
  CacheOfNumbers cache;
  unsigned loads = 0;
  const auto loader = [&](std::uint64_t key) {
    ++loads;
    return key * 2;
  };
  CHECK(*cache.get_or_load(4U, loader) == 8);
  CHECK(*cache.get_or_load(4U, loader) == 8);
  CHECK(loads == 1);
  const CacheStatistics counts = cache.statistics();
  CHECK(counts.loads == 1);
  check_cache_laws(counts, 2);
}

TEST_CASE("a failed load is not kept", "[pool][cache]") {
  CacheOfNumbers cache;
  const auto broken = [](std::uint64_t) -> std::uint64_t { throw std::runtime_error("no such room"); };
  CHECK_THROWS_WITH(cache.get_or_load(4U, broken), "no such room");
  CHECK_THROWS_AS(cache.get_or_load(4U, [](std::uint64_t) -> std::uint64_t { throw 42; }), int);
  CHECK(*cache.get_or_load(4U, [](std::uint64_t key) { return key; }) == 4);
  CHECK(cache.statistics().load_failures == 2);
  CHECK(cache.statistics().loads == 3);
  check_cache_laws(cache.statistics(), 3);
}

TEST_CASE("a loader may load other keys of its cache", "[pool][cache]") {
  CacheOfNumbers cache;
  const std::function<std::uint64_t(const std::uint64_t&)> fibonacci = [&](const std::uint64_t& n) {
    if (n < 2) return n;
    return *cache.get_or_load(n - 1, fibonacci) + *cache.get_or_load(n - 2, fibonacci);
  };
  CHECK(*cache.get_or_load(90U, fibonacci) == 2'880'067'194'370'816'120U);
  CHECK(cache.statistics().loads == 91);
}

TEST_CASE("a loader that needs its own key is told so instead of waiting for ever", "[pool][cache]") {
  CacheOfNumbers cache;
  const std::function<std::uint64_t(const std::uint64_t&)> around = [&](const std::uint64_t& n) {
    return *cache.get_or_load((n + 1) % 3, around);
  };
  CHECK_THROWS_AS(cache.get_or_load(0U, around), std::logic_error);
  CHECK(cache.statistics().entries == 0);
  CHECK(*cache.get_or_load(0U, [](std::uint64_t) { return 9; }) == 9);
}

TEST_CASE("two threads whose loads need each other's key are told so", "[pool][cache]") {
  CacheOfNumbers cache;
  Semaphore other_began[2] = {Semaphore(0), Semaphore(0)};
  std::atomic<unsigned> reported{0};
  const auto run = [&](std::uint64_t mine) {
    try {
      static_cast<void>(cache.get_or_load(mine, [&](std::uint64_t) {
        other_began[1 - mine].release();
        other_began[mine].acquire();
        return *cache.get_or_load(1 - mine, [](std::uint64_t) { return 0; });
      }));
    } catch (const std::logic_error&) {
      ++reported;
    }
  };
  std::thread first(run, 0);
  std::thread second(run, 1);
  first.join();
  second.join();
  CHECK(reported >=
        1);  // the other one gets the exception of the first, or finds its load ended and makes its own
}

TEST_CASE("a slow loader does not overwrite a newer put", "[pool][cache]") {
  CacheOfNumbers cache;
  CHECK(*cache.get_or_load(1U, [&](std::uint64_t) {
    cache.put(1, 20);
    return 10;
  }) == 10);  // who asked before the put may be served what was then
  CHECK(cached(cache, 1) == 20);
  CHECK(cache.statistics().loads_discarded == 1);
}

TEST_CASE("a load that was overtaken by invalidate or clear is not kept", "[pool][cache]") {
  CacheOfNumbers cache;
  static_cast<void>(cache.get_or_load(1U, [&](std::uint64_t) {
    CHECK_FALSE(cache.invalidate(1U));
    return 10;
  }));
  CHECK(cached(cache, 1) == 0);
  static_cast<void>(cache.get_or_load(1U, [&](std::uint64_t) {
    cache.clear();
    return 10;
  }));
  CHECK(cached(cache, 1) == 0);
  check_cache_laws(cache.statistics(), 4);
}

TEST_CASE("who asks after an invalidation does not join a load from before it", "[pool][cache]") {
  CacheOfNumbers cache;
  std::uint64_t after = 0;
  static_cast<void>(cache.get_or_load(1U, [&](std::uint64_t) {
    cache.invalidate(1U);
    // On another thread: on this one it would have been a load of the own key, had it joined.
    std::thread([&] { after = *cache.get_or_load(1U, [](std::uint64_t) { return 20; }); }).join();
    return 10;
  }));
  CHECK(after == 20);
  CHECK(cached(cache, 1) == 20);
}

TEST_CASE("write_through caches what the store has taken", "[pool][cache]") {
  CacheOfNumbers cache;
  std::uint64_t store = 0;
  cache.put(1, 10);
  cache.write_through(1, 20, [&](std::uint64_t key, std::uint64_t value) {
    CHECK(cached(cache, key) == 0);  // nobody is served the old value while the store may have the new one
    store = value;
  });
  CHECK(store == 20);
  CHECK(cached(cache, 1) == 20);
}

TEST_CASE("after a write that failed the cache has nothing", "[pool][cache]") {
  CacheOfNumbers cache;
  cache.put(1, 10);
  const auto full = [](std::uint64_t, std::uint64_t) { throw std::runtime_error("disk full"); };
  CHECK_THROWS_WITH(cache.write_through(1, 20, full), "disk full");
  CHECK(cached(cache, 1) == 0);
  check_cache_laws(cache.statistics(), 1);
}

TEST_CASE("a load that begins during a write is not kept", "[pool][cache]") {
  CacheOfNumbers cache;
  const auto none = [](std::uint64_t, std::uint64_t) { throw std::runtime_error("disk full"); };
  CHECK_THROWS(cache.write_through(1, 20, [&](std::uint64_t key, std::uint64_t value) {
    CHECK(*cache.get_or_load(key, [](std::uint64_t) { return 10; }) == 10);
    CHECK(cached(cache, key) == 0);
    none(key, value);
  }));
  CHECK(cached(cache, 1) == 0);
  CHECK(cache.statistics().loads_discarded == 1);
}

TEST_CASE("of two writes of one key that overlap neither is cached", "[pool][cache]") {
  CacheOfNumbers cache;
  const auto take = [](std::uint64_t, std::uint64_t) {};
  cache.write_through(1, 10, [&](std::uint64_t, std::uint64_t) { cache.write_through(1, 20, take); });
  CHECK(cached(cache, 1) == 0);
  cache.write_through(1, 10, [&](std::uint64_t, std::uint64_t) { cache.put(1, 20); });
  CHECK(cached(cache, 1) == 0);
  cache.write_through(1, 10, [&](std::uint64_t, std::uint64_t) { cache.write_through(2, 20, take); });
  CHECK(cached(cache, 1) == 10);
  CHECK(cached(cache, 2) == 20);
  check_cache_laws(cache.statistics(), 4);
}

// Destroying or weighing one of these asks the cache: under its lock that would never return.
struct CacheProbe {
  Cache<int, CacheProbe, std::mutex>* cache = nullptr;
  explicit CacheProbe(Cache<int, CacheProbe, std::mutex>* c) : cache(c) {}
  CacheProbe(CacheProbe&& other) noexcept : cache(std::exchange(other.cache, nullptr)) {}
  ~CacheProbe() {
    if (cache != nullptr) static_cast<void>(cache->get(0));
  }
};

TEST_CASE("no lock is held while a loader, a weigher or a destructor runs", "[pool][cache]") {
  using Probed = Cache<int, CacheProbe, std::mutex>;
  Probed cache({.entries_max = 2, .bytes_max = 2, .weigher = [](int, const CacheProbe& probe) {
                  static_cast<void>(probe.cache->get(0));
                  return std::uint64_t{1};
                }});
  for (int key = 1; key < 5; ++key) cache.put(key, CacheProbe(&cache));  // evicts
  cache.put(4, CacheProbe(&cache));                                      // replaces
  static_cast<void>(cache.get_or_load(9, [&](int) {
    static_cast<void>(cache.get(0));
    return CacheProbe(&cache);
  }));
  cache.write_through(9, CacheProbe(&cache),
                      [&](int, const CacheProbe&) { static_cast<void>(cache.get(0)); });
  cache.invalidate(9);
  cache.clear();
  CHECK(cache.statistics().entries == 0);
}

TEST_CASE("a cache that cannot be is refused with bound and value", "[pool][cache]") {
  CHECK_THROWS_WITH(CacheOfNumbers({.shards = 0}), "cache: shards must be between 1 and 65536, got 0");
  CHECK_THROWS_WITH(CacheOfNumbers({.entries_max = 3, .shards = 3}),
                    "cache: entries_max must be between the 4 shards and 4294967296, got 3");
  CHECK_THROWS_WITH(CacheOfNumbers({.bytes_max = 9}), "cache: bytes_max needs a weigher, got 9");
  CHECK_THROWS_AS(CacheOfNumbers({.ttl = std::chrono::nanoseconds(-1)}), std::invalid_argument);
}

TEST_CASE("the bounds of the shards add up to those of the cache", "[pool][cache]") {
  CacheOfNumbers cache({.entries_max = 13, .shards = 4});
  for (std::uint64_t key = 0; key < 1000; ++key) cache.put(key, key);
  CHECK(cache.statistics().entries == 13);
  CHECK(cache.statistics().evicted == 987);
}

}  // namespace
}  // namespace crosstalk::pool
