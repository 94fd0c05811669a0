#include "harness/explore/execution.h"

#include <atomic>
#include <cstdlib>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

TEST_CASE("a scenario without threads has one schedule", "[explore]") {
  const Result result = explore({}, [] {});
  CHECK(result.passed());
  REQUIRE(result.phases.size() == 6);
  CHECK(result.phases[0].executions == 1);
  CHECK(result.phases[2].executions == 1);
  CHECK(result.phases[2].exhausted);
}

TEST_CASE("what an execution leaves behind in a library is gone where each has a process", "[explore]") {
  // The C library's generator is not put back.
  const auto scenario = [] {
    std::atomic<int> word{0};
    const auto work = [&word] {
      for (int i = std::rand() % 7; i < 7; ++i) word.fetch_add(1);
    };
    std::jthread first(work);
    std::jthread second(work);
  };
  Options options;
  options.priority_runs = options.random_runs = 20;
  CHECK(explore(options, scenario).finding == Finding::nondeterministic);
  for (const Switching each : {Switching::fibers, Switching::threads}) {
    options.process_each = true;
    options.switching = each;
    const Result result = explore(options, scenario);
    INFO(describe(result));
    CHECK(result.passed());
    CHECK(result.phases[2].exhausted);
  }
}

TEST_CASE("a failure in a process of its own is found, shrunk and repeated", "[explore]") {
  const auto scenario = [] {
    std::atomic<int> count{0};
    const auto add = [&] { count.store(count.load() + 1); };
    {
      std::jthread first(add);
      std::jthread second(add);
    }
    require(count.load() == 2, "an increment is lost");
  };
  Options options;
  options.process_each = true;
  const Result apart = explore(options, scenario);
  const Result together = explore({}, scenario);
  INFO(describe(apart));
  CHECK(apart.finding == Finding::assertion);
  CHECK(apart.confirmed);
  CHECK(apart.replay == together.replay);
  CHECK(apart.coverage() == together.coverage());
}

}  // namespace crosstalk::harness::explore
