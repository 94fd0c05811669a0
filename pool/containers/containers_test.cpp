#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "pool/builtin.h"
#include "pool/conformance.h"
#include "pool/containers/concurrent_map.h"
#include "pool/containers/concurrent_set.h"
#include "pool/containers/counter.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

TEMPLATE_LIST_TEST_CASE("a map does what a map does", "[pool][map]", BuiltinLocks) {
  for (const std::size_t shards : {1U, 16U}) {
    ConcurrentMap<std::string, int, TestType> map(shards);
    CHECK_FALSE(map.get("a").has_value());
    CHECK(map.get_or("a", 7) == 7);
    map.set("a", 1);
    CHECK_FALSE(map.insert_if_absent("a", 2));
    CHECK(map.insert_if_absent("b", 2));
    CHECK(map.modify("c", [](int& value) { return value += 3; }) == 3);
    int seen = 0;
    CHECK(map.visit("b", [&](const int& value) { seen = value; }));
    CHECK_FALSE(map.visit("z", [&](const int&) { seen = -1; }));
    CHECK(seen == 2);
    map.update(std::map<std::string, int>{{"a", 10}, {"d", 4}});
    CHECK(map.size() == 4);
    auto items = map.items();
    std::sort(items.begin(), items.end());
    CHECK(items == std::vector<std::pair<std::string, int>>{{"a", 10}, {"b", 2}, {"c", 3}, {"d", 4}});
    CHECK(map.keys().size() == 4);
    CHECK(map.values().size() == 4);
    CHECK(map.erase("a"));
    CHECK_FALSE(map.erase("a"));
    CHECK_FALSE(map.contains("a"));
    map.clear();
    CHECK(map.size() == 0);
  }
  CHECK_THROWS_AS((ConcurrentMap<int, int, TestType>(0)), std::invalid_argument);
}

using ThreadedLocks = std::tuple<std::mutex, std::shared_mutex, TtasLock, TicketLock, RwLock>;

TEMPLATE_LIST_TEST_CASE("no update of a hot key is lost", "[pool][map][stress]", ThreadedLocks) {
  constexpr unsigned kThreads = 4;
  const unsigned rounds = stress_rounds(20'000);
  ConcurrentMap<int, std::uint64_t, TestType> map(4);
  detail::run_threads(kThreads, [&](unsigned id) {
    for (unsigned i = 0; i < rounds; ++i) {
      map.modify(static_cast<int>((i + id) % 3), [](std::uint64_t& value) { return ++value; });
      if (i % 8 == 0) static_cast<void>(map.items());
    }
  });
  std::uint64_t sum = 0;
  for (const auto& [key, value] : map.items()) sum += value;
  CHECK(sum == std::uint64_t{kThreads} * rounds);
}

TEMPLATE_LIST_TEST_CASE("insertions less erasures of hot keys are what is left", "[pool][map][stress]",
                        ThreadedLocks) {
  const unsigned rounds = stress_rounds(20'000);
  ConcurrentMap<int, int, TestType> map(2);
  ConcurrentSet<int, TestType> set;
  std::atomic<std::int64_t> in_map{0};
  std::atomic<std::int64_t> in_set{0};
  detail::run_threads(4, [&](unsigned id) {
    for (unsigned i = 0; i < rounds; ++i) {
      const int key = static_cast<int>((i * 7 + id) % 4);
      if (i % 2 == id % 2) {
        in_map += map.insert_if_absent(key, 1) ? 1 : 0;
        in_set += set.add(key) ? 1 : 0;
      } else {
        in_map -= map.erase(key) ? 1 : 0;
        in_set -= set.remove(key) ? 1 : 0;
      }
    }
  });
  CHECK(static_cast<std::int64_t>(map.size()) == in_map);
  CHECK(static_cast<std::int64_t>(set.size()) == in_set);
}

TEST_CASE("a set does what a set does", "[pool][set]") {
  ConcurrentSet<int, std::mutex> set(std::vector<int>{1, 2, 2});
  CHECK(set.size() == 2);
  CHECK_FALSE(set.add(1));
  CHECK(set.add(3));
  set.discard(9);
  CHECK(set.remove(1));
  CHECK_FALSE(set.remove(1));
  set.update(std::vector<int>{3, 4});
  auto all = set.snapshot();
  std::sort(all.begin(), all.end());
  CHECK(all == std::vector<int>{2, 3, 4});
  CHECK(set.contains(4));
  set.clear();
  CHECK(set.size() == 0);
}

template <class C>
void check_counter(C& counter) {
  CHECK(counter.increment() == 1);
  CHECK(counter.increment(5) == 6);
  CHECK(counter.decrement(2) == 4);
  CHECK(counter.exchange(10) == 4);
  CHECK_FALSE(counter.compare_and_swap(4, 5));
  CHECK(counter.compare_and_swap(10, 5));
  CHECK(counter.get() == 5);
}

TEST_CASE("counters count", "[pool][counter]") {
  LockedCounter<std::mutex> locked;
  AtomicCounter atomic;
  check_counter(locked);
  check_counter(atomic);
  StripedCounter striped;
  striped.add(3);
  striped.add(-1);
  CHECK(striped.sum() == 2);
}

template <class C>
concept HasValues = requires(C counter) {
  counter.increment(1);
}
|| requires(C counter) {
  counter.get();
}
|| requires(C counter) {
  counter.exchange(1);
}
|| requires(C counter) {
  counter.compare_and_swap(1, 2);
};
static_assert(HasValues<AtomicCounter>);
static_assert(!HasValues<StripedCounter>, "a striped counter has no value at an instant");

TEST_CASE("no count is lost between threads", "[pool][counter][stress]") {
  const unsigned rounds = stress_rounds(50'000);
  LockedCounter<TtasLock> locked;
  AtomicCounter atomic;
  StripedCounter striped;
  detail::run_threads(4, [&](unsigned) {
    for (unsigned i = 0; i < rounds; ++i) {
      locked.increment();
      atomic.increment(2);
      striped.add(3);
    }
  });
  CHECK(locked.get() == 4 * rounds);
  CHECK(atomic.get() == 8 * rounds);
  CHECK(striped.sum() == 12 * rounds);
}

}  // namespace
}  // namespace crosstalk::pool
