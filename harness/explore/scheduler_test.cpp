#include "harness/explore/scheduler.h"

#include <array>
#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

TEST_CASE("a scenario without an end is ended and named", "[explore]") {
  const Result result = explore({}, [] {
    std::atomic<unsigned> count{0};
    for (;;) count.fetch_add(1);
  });
  CHECK(result.finding == Finding::limit);
  CHECK(result.reason.find("200000 steps") != std::string::npos);
}

TEST_CASE("all outcomes of two racing counters are seen", "[explore]") {
  // Two threads, two increments by load and store each: 2, 3 and 4 are possible, nothing else is.
  for (const int wanted : {2, 3, 4}) {
    const Result result = explore({}, [wanted] {
      std::atomic<int> count{0};
      {
        const auto twice = [&] {
          count.store(count.load() + 1);
          count.store(count.load() + 1);
        };
        std::jthread first(twice);
        std::jthread second(twice);
      }
      require(count.load() != wanted, "seen");
    });
    CHECK(result.finding == Finding::assertion);
  }
  const Result others = explore({}, [] {
    std::atomic<int> count{0};
    {
      const auto twice = [&] {
        count.store(count.load() + 1);
        count.store(count.load() + 1);
      };
      std::jthread first(twice);
      std::jthread second(twice);
    }
    require(count.load() >= 2 && count.load() <= 4, "impossible");
  });
  CHECK(others.passed());
}

}  // namespace crosstalk::harness::explore
