#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

namespace {

__extension__ using Wide128 = unsigned __int128;

struct Tagged {
  std::uint64_t value, tag;
};
struct ThreeBytes {
  char bytes[3];
};
struct TwoInts {
  int first, second;
};

template <class T>
void check_exchanges(T one, T two, bool (*same)(const T&, const T&)) {
  std::atomic<T> word{one};
  require(same(word.load(), one), "load");
  word.store(two);
  require(same(word.exchange(one), two), "exchange");
  T seen = two;
  require(!word.compare_exchange_strong(seen, two) && same(seen, one), "compare, other");
  require(word.compare_exchange_strong(seen, two) && same(word.load(), two), "compare, same");
}

void check_all_sizes() {
  check_exchanges<Tagged>(
      {1, 2}, {3, 4}, [](const Tagged& a, const Tagged& b) { return a.value == b.value && a.tag == b.tag; });
  check_exchanges<TwoInts>({1, 2}, {3, 4}, [](const TwoInts& a, const TwoInts& b) {
    return a.first == b.first && a.second == b.second;
  });
  check_exchanges<ThreeBytes>({{1, 2, 3}}, {{4, 5, 6}}, [](const ThreeBytes& a, const ThreeBytes& b) {
    return a.bytes[0] == b.bytes[0] && a.bytes[1] == b.bytes[1] && a.bytes[2] == b.bytes[2];
  });
  Wide128 wide = 5;
  require(__atomic_fetch_add(&wide, Wide128{1} << 100, __ATOMIC_SEQ_CST) == 5, "add");
  require(__atomic_fetch_sub(&wide, Wide128{1} << 100, __ATOMIC_SEQ_CST) == (Wide128{1} << 100) + 5, "sub");
  require(__atomic_fetch_and(&wide, Wide128{4}, __ATOMIC_SEQ_CST) == 5, "and");
  require(__atomic_fetch_or(&wide, Wide128{3}, __ATOMIC_SEQ_CST) == 4, "or");
  require(__atomic_fetch_xor(&wide, Wide128{1}, __ATOMIC_SEQ_CST) == 7 && wide == 6, "xor");
}

enum class Adds { by_store, by_exchange };

// Both halves in one step, or not.
template <class T, Adds how>
void add_in_two_threads() {
  std::atomic<T> word{T{}};
  const auto add = [&word] {
    T seen = word.load();
    const auto more = [&seen] {
      T next = seen;
      ++next.first, ++next.second;
      return next;
    };
    if constexpr (how == Adds::by_store) return word.store(more());
    while (!word.compare_exchange_strong(seen, more())) {
    }
  };
  {
    std::jthread first(add);
    std::jthread second(add);
  }
  require(word.load().first == 2, "an increment is lost");
}

struct TwoWords128 {
  std::uint64_t first, second;
};
struct TwelveBytes {
  int first, second, third;
};

}  // namespace

TEST_CASE("atomics of every size compute as ever in an execution", "[explore]") {
  const Result result = explore({}, check_all_sizes);
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("atomics of every size compute as ever outside of executions, and are atomic", "[explore]") {
  check_all_sizes();
  std::atomic<TwoWords128> wide{TwoWords128{}};
  std::atomic<TwelveBytes> odd{TwelveBytes{}};
  const auto add = [&] {
    for (int i = 0; i < 1000; ++i) {
      TwoWords128 seen = wide.load();
      while (!wide.compare_exchange_weak(seen, {seen.first + 1, seen.second + 1})) {
      }
      TwelveBytes also = odd.load();
      while (!odd.compare_exchange_weak(also, {also.first + 1, also.second + 1, also.third})) {
      }
    }
  };
  std::thread first(add);
  std::thread second(add);
  first.join();
  second.join();
  CHECK(wide.load().first == 2000);
  CHECK(wide.load().second == 2000);
  CHECK(odd.load().first == 2000);
}

TEST_CASE("atomics of every size are points of preemption", "[explore]") {
  for (void (*each)() :
       {add_in_two_threads<TwoWords128, Adds::by_store>, add_in_two_threads<TwoInts, Adds::by_store>,
        add_in_two_threads<TwelveBytes, Adds::by_store>}) {
    const Result result = explore({}, each);
    INFO(describe(result));
    CHECK(result.finding == Finding::assertion);
    CHECK(result.replay == "t1.2.2");
  }
  for (void (*each)() :
       {add_in_two_threads<TwoWords128, Adds::by_exchange>, add_in_two_threads<TwoInts, Adds::by_exchange>,
        add_in_two_threads<TwelveBytes, Adds::by_exchange>}) {
    const Result result = explore({}, each);
    INFO(describe(result));
    CHECK(result.passed());
    CHECK(result.phases[2].exhausted);
  }
}

TEST_CASE("who spins for the upper half of sixteen bytes sees it change", "[explore]") {
  const Result result = explore({}, [] {
    std::atomic<TwoWords128> word{TwoWords128{1, 0}};
    std::jthread spinning([&] {
      while (word.load().second == 0) {
      }
    });
    TwoWords128 seen = word.load();
    require(word.compare_exchange_strong(seen, {1, 1}), "changed by another");
  });
  INFO(describe(result));
  CHECK(result.passed());
  CHECK(result.phases[2].exhausted);
}

}  // namespace crosstalk::harness::explore
