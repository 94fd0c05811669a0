#include "harness/explore/tick_trap.h"

#include <x86intrin.h>

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

TEST_CASE("the counter of ticks is virtual: what depends on it is deterministic", "[explore]") {
  const Result result = explore({}, [] {
    std::atomic<int> word{0};
    const auto work = [&] {
      const unsigned long long before = __rdtsc();
      unsigned core = 0;
      const unsigned long long after = __rdtscp(&core);
      for (unsigned long long i = (after - before) % 5; i < 5; ++i) word.fetch_add(1);
      require(after - before == 1000, "not virtual");
    };
    std::jthread(work).join();
  });
  INFO(describe(result));
  CHECK(result.passed());
}

}  // namespace crosstalk::harness::explore
