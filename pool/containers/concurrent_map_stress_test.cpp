// The map under threads: conservation laws on few hot keys.
#include <catch2/catch.hpp>

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "pool/builtin.h"
#include "pool/conformance.h"
#include "pool/containers/concurrent_map.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

using MapLocks = std::tuple<std::mutex, std::shared_mutex, TtasLock, TicketLock, RwLock>;
constexpr unsigned kMapThreads = 4;

TEMPLATE_LIST_TEST_CASE("no update of a hot key is lost", "[pool][map][stress]", MapLocks) {
  for (unsigned round = 0; round < stress_rounds(60); ++round) {
    const int keys = 1 + static_cast<int>(round % 4);
    constexpr unsigned kUpdates = 200;
    ConcurrentMap<int, std::uint64_t, TestType> map(round % 2 == 0 ? 1 : 8);
    std::vector<std::vector<std::uint64_t>> results(kMapThreads);
    detail::run_threads(kMapThreads, [&](unsigned id) {
      for (unsigned i = 0; i < kUpdates; ++i) {
        const int key = static_cast<int>(i + id) % keys;
        const std::uint64_t now = map.modify(key, [](std::uint64_t& value) { return ++value; });
        if (key == 0) results[id].push_back(now);
        if (i % 16 == 0) static_cast<void>(map.items());
      }
    });
    std::uint64_t sum = 0;
    for (const auto& [key, value] : map.items()) sum += value;
    REQUIRE(sum == kMapThreads * kUpdates);
    // Every value that the hot key had was returned to one thread only.
    std::vector<bool> seen(map.get(0).value() + 1);
    for (const auto& of_thread : results) {
      for (const std::uint64_t value : of_thread) {
        REQUIRE_FALSE(seen[value]);
        seen[value] = true;
      }
    }
  }
}

TEMPLATE_LIST_TEST_CASE("an insertion has one winner, and so has its erasure", "[pool][map][stress]",
                        MapLocks) {
  for (unsigned round = 0; round < stress_rounds(60); ++round) {
    constexpr int kKeys = 32;
    ConcurrentMap<int, unsigned, TestType> map(round % 2 == 0 ? 1 : 8);
    std::vector<std::atomic<unsigned>> inserted(kKeys);
    std::vector<std::atomic<unsigned>> erased(kKeys);
    std::vector<std::atomic<unsigned>> winner(kKeys);
    std::atomic<unsigned> arrived{0};
    detail::run_threads(kMapThreads, [&](unsigned id) {
      for (int key = 0; key < kKeys; ++key) {
        if (!map.insert_if_absent(key, id)) continue;
        ++inserted[static_cast<std::size_t>(key)];
        winner[static_cast<std::size_t>(key)] = id;
      }
      ++arrived;
      while (arrived < kMapThreads) sched_yield();
      if (id == 0) {
        for (int key = 0; key < kKeys; ++key) {
          if (map.get(key) != winner[static_cast<std::size_t>(key)])
            ++inserted[static_cast<std::size_t>(key)];
        }
        ++arrived;
      }
      while (arrived < kMapThreads + 1) sched_yield();
      for (int key = 0; key < kKeys; ++key) {
        if (map.erase(key)) ++erased[static_cast<std::size_t>(key)];
      }
    });
    for (std::size_t key = 0; key < kKeys; ++key) {
      REQUIRE(inserted[key] == 1);
      REQUIRE(erased[key] == 1);
    }
    REQUIRE(map.size() == 0);
  }
}

TEMPLATE_LIST_TEST_CASE("insertions less erasures of hot keys are what is left", "[pool][map][stress]",
                        MapLocks) {
  for (unsigned round = 0; round < stress_rounds(60); ++round) {
    ConcurrentMap<int, unsigned, TestType> map(round % 2 == 0 ? 1 : 4);
    std::atomic<std::int64_t> left{0};
    std::atomic<unsigned> foreign{0};
    detail::run_threads(kMapThreads, [&](unsigned id) {
      for (unsigned i = 0; i < 300; ++i) {
        const int key = static_cast<int>((i * 7 + id) % 3);
        if (i % 2 == id % 2) {
          left += map.insert_if_absent(key, 4711) ? 1 : 0;
        } else {
          left -= map.erase(key) ? 1 : 0;
        }
        if (map.get_or(key, 4711) != 4711) ++foreign;
        map.set(100 + static_cast<int>(id), i);  // a key of one thread is its own
        if (map.get(100 + static_cast<int>(id)) != i) ++foreign;
        if (!map.erase(100 + static_cast<int>(id))) ++foreign;
      }
    });
    REQUIRE(foreign == 0);
    REQUIRE(static_cast<std::int64_t>(map.size()) == left);
    REQUIRE(map.keys().size() == map.size());
  }
}

// Both keys are always changed together, so no reader may find them different.
TEMPLATE_LIST_TEST_CASE("an update of the coarse form is seen as a whole", "[pool][map][stress]", MapLocks) {
  ConcurrentMap<int, unsigned, TestType> map(1);
  map.update(std::vector<std::pair<int, unsigned>>{{1, 0}, {2, 0}});
  std::atomic<unsigned> torn{0};
  detail::run_threads(kMapThreads, [&](unsigned id) {
    for (unsigned i = 0; i < stress_rounds(3'000); ++i) {
      if (id % 2 == 0) {
        map.update(std::vector<std::pair<int, unsigned>>{{1, i}, {2, i}});
      } else {
        const auto items = map.items();
        if (items.size() != 2 || items[0].second != items[1].second) ++torn;
      }
    }
  });
  REQUIRE(torn == 0);
}

TEMPLATE_LIST_TEST_CASE("snapshot_all is a point in time across shards, and two locks are taken in order",
                        "[pool][map][stress]", MapLocks) {
  ConcurrentMap<int, std::int64_t, TestType> map(16);
  const int here = 0;
  int there = 1;
  while (map.shard_of(there) == map.shard_of(here)) ++there;
  map.set(here, 1'000);
  map.set(there, 1'000);
  std::atomic<unsigned> torn{0};
  detail::run_threads(kMapThreads, [&](unsigned id) {
    for (unsigned i = 0; i < stress_rounds(2'000); ++i) {
      // In opposite orders: locks taken in the order of the arguments would soon deadlock.
      const auto move_one = [](std::int64_t& from, std::int64_t& to) noexcept { --from, ++to; };
      if (id == 0) map.modify_two(here, there, move_one);
      if (id == 1) map.modify_two(there, here, move_one);
      if (id == 2)
        map.modify_two(here, there, [](std::int64_t& from, std::int64_t& to) { from -= 2, to += 2; });
      if (id == 3) {
        const auto all = map.snapshot_all();
        if (all.size() != 2 || all[0].second + all[1].second != 2'000) ++torn;
      }
    }
  });
  REQUIRE(torn == 0);
  REQUIRE(map.get(here).value() + map.get(there).value() == 2'000);
}

}  // namespace
}  // namespace crosstalk::pool
