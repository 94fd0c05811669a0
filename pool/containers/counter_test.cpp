#include "pool/containers/counter.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <vector>

#include "pool/builtin.h"
#include "pool/conformance.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

using CountersWithValue = std::tuple<LockedCounter<std::mutex>, LockedCounter<RwLock>, AtomicCounter>;

TEMPLATE_LIST_TEST_CASE("a counter counts", "[pool][counter]", CountersWithValue) {
  TestType counter(0);
  CHECK(counter.increment() == 1);
  CHECK(counter.increment(5) == 6);
  CHECK(counter.decrement(2) == 4);
  CHECK(counter.decrement() == 3);
  CHECK(counter.exchange(10) == 3);
  CHECK_FALSE(counter.compare_and_swap(4, 5));
  CHECK(counter.get() == 10);
  CHECK(counter.compare_and_swap(10, 5));
  CHECK(counter.get() == 5);
  CHECK(TestType(7).get() == 7);
}

TEMPLATE_LIST_TEST_CASE("a counter begins again at the other end", "[pool][counter]", CountersWithValue) {
  using Limits = std::numeric_limits<std::int64_t>;
  TestType counter(Limits::max());
  CHECK(counter.increment() == Limits::min());
  CHECK(counter.decrement() == Limits::max());
  CHECK(counter.decrement(Limits::min()) == -1);
}

template <class C>
concept CanIncrement = requires(C counter) {
  counter.increment(1);
};
template <class C>
concept CanDecrement = requires(C counter) {
  counter.decrement(1);
};
template <class C>
concept CanGet = requires(C counter) {
  counter.get();
};
template <class C>
concept CanExchange = requires(C counter) {
  counter.exchange(1);
};
template <class C>
concept CanCompareAndSwap = requires(C counter) {
  counter.compare_and_swap(1, 2);
};
static_assert(CanIncrement<AtomicCounter> && CanDecrement<AtomicCounter> && CanGet<AtomicCounter> &&
              CanExchange<AtomicCounter> && CanCompareAndSwap<AtomicCounter>);
static_assert(!CanIncrement<StripedCounter>, "a striped counter has no value at an instant");
static_assert(!CanDecrement<StripedCounter>);
static_assert(!CanGet<StripedCounter>);
static_assert(!CanExchange<StripedCounter>);
static_assert(!CanCompareAndSwap<StripedCounter>);
static_assert(std::same_as<void, decltype(std::declval<StripedCounter&>().add(1))>);

TEST_CASE("a striped counter sums up", "[pool][counter]") {
  StripedCounter counter;
  counter.add(3);
  counter.add(-1);
  CHECK(counter.sum() == 2);
}

TEST_CASE("a striped counter loses no count", "[pool][counter][stress]") {
  for (unsigned round = 0; round < stress_rounds(100); ++round) {
    StripedCounter counter;
    detail::run_threads(8, [&](unsigned id) {
      for (unsigned i = 0; i < 1'000; ++i) counter.add(static_cast<std::int64_t>(id) + 1);
    });
    REQUIRE(counter.sum() == 36'000);
  }
}

TEMPLATE_LIST_TEST_CASE("every value of a counter is returned once", "[pool][counter][stress]",
                        CountersWithValue) {
  for (unsigned round = 0; round < stress_rounds(100); ++round) {
    constexpr unsigned kEach = 300;
    TestType counter(0);
    std::vector<std::vector<std::int64_t>> got(4);
    detail::run_threads(4, [&](unsigned id) {
      for (unsigned i = 0; i < kEach; ++i) got[id].push_back(counter.increment());
    });
    std::vector<std::int64_t> all;
    for (const auto& of_thread : got) all.insert(all.end(), of_thread.begin(), of_thread.end());
    std::sort(all.begin(), all.end());
    for (std::size_t i = 0; i < all.size(); ++i) REQUIRE(all[i] == static_cast<std::int64_t>(i) + 1);
    REQUIRE(counter.get() == 4 * kEach);
  }
}

TEMPLATE_LIST_TEST_CASE("what is exchanged away and what is left is what was put in",
                        "[pool][counter][stress]", CountersWithValue) {
  for (unsigned round = 0; round < stress_rounds(100); ++round) {
    TestType counter(0);
    std::vector<std::int64_t> taken(4);
    detail::run_threads(4, [&](unsigned id) {
      for (unsigned i = 0; i < 300; ++i) {
        counter.increment(2);
        counter.decrement();
        if (i % 8 == id) taken[id] += counter.exchange(0);
      }
    });
    REQUIRE(taken[0] + taken[1] + taken[2] + taken[3] + counter.get() == 1'200);
  }
}

// The chapter reads the peak and then sets it, so that a lower number may replace a higher one.
TEMPLATE_LIST_TEST_CASE("a peak kept by compare_and_swap loses no maximum (peak read, then set)",
                        "[pool][counter][stress]", CountersWithValue) {
  for (unsigned round = 0; round < stress_rounds(100); ++round) {
    TestType peak(0);
    detail::run_threads(4, [&](unsigned id) {
      for (std::int64_t i = 0; i < 200; ++i) {
        const std::int64_t mine = i * 4 + static_cast<std::int64_t>(id);
        std::int64_t seen = peak.get();
        while (seen < mine && !peak.compare_and_swap(seen, mine)) seen = peak.get();
      }
    });
    REQUIRE(peak.get() == 199 * 4 + 3);
  }
}

}  // namespace
}  // namespace crosstalk::pool
