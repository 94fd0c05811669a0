#include <atomic>
#include <cstdint>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

namespace {

template <class T>
void check_arithmetic() {
  std::atomic<T> word{5};
  require(word.fetch_add(3) == 5, "add");
  require(word.fetch_sub(2) == 8, "sub");
  require(word.fetch_and(4) == 6, "and");
  require(word.fetch_or(3) == 4, "or");
  require(word.fetch_xor(1) == 7, "xor");
  require(word.exchange(9) == 6, "exchange");
  T seen = 1;
  require(!word.compare_exchange_strong(seen, 2) && seen == 9, "compare, other");
  require(word.compare_exchange_weak(seen, 2) && word.load() == 2, "compare, same");
}

void check_all_widths() {
  check_arithmetic<std::uint8_t>();
  check_arithmetic<std::uint16_t>();
  check_arithmetic<std::uint32_t>();
  check_arithmetic<std::uint64_t>();
}

}  // namespace

TEST_CASE("atomics compute as ever in an execution", "[explore]") {
  const Result result = explore({}, check_all_widths);
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("atomics compute as ever outside of executions", "[explore]") {
  std::atomic<std::uint32_t> word{5};
  CHECK(word.fetch_add(3) == 5);
  std::uint32_t seen = 1;
  CHECK_FALSE(word.compare_exchange_strong(seen, 2));
  CHECK(seen == 8);
  CHECK(word.exchange(3) == 8);
}

TEST_CASE("a loop that waits for a plain variable races rather than hangs", "[explore]") {
  const Result result = explore({}, [] {
    volatile bool flag = false;
    std::jthread waiting([&] {
      while (!flag) {
      }
    });
    flag = true;
  });
  CHECK(result.finding == Finding::race);
}

}  // namespace crosstalk::harness::explore
