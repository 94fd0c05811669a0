#include "harness/explore/fibers.h"

#include <pthread.h>

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

TEST_CASE("every thread has an identity, and the handle that its creator knows is the one it has",
          "[explore]") {
  const Result result = explore({}, [] {
    std::thread::id inside;
    std::thread other([&] { inside = std::this_thread::get_id(); });
    const std::thread::id outside = other.get_id();
    other.join();
    require(inside == outside, "another identity");
    require(inside != std::this_thread::get_id(), "shared identity");
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("fifteen threads run beside the scenario's own", "[explore]") {
  Options few;
  few.depth_first_runs = 50;
  few.priority_runs = 50;
  const Result result = explore(few, [] {
    std::atomic<int> count{0};
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < kMaxThreads - 1; ++i) threads.emplace_back([&] { count.fetch_add(1); });
    }
    require(count.load() == kMaxThreads - 1, "one is missing");
  });
  INFO(describe(result));
  CHECK(result.passed());
}

}  // namespace crosstalk::harness::explore
