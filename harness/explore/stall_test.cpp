#include "harness/explore/stall.h"

#include <atomic>
#include <mutex>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

TEST_CASE("threads that spin for what never comes are a livelock", "[explore]") {
  const Result result = explore({}, [] {
    std::atomic<bool> flag{false};
    std::jthread spinning([&] {
      while (!flag.load()) std::this_thread::yield();
    });
  });
  INFO(describe(result));
  CHECK(result.finding == Finding::livelock);
  CHECK(result.reason.find("T1 looks again and again") != std::string::npos);
}

TEST_CASE("a thread that waits for one that sleeps for ever is no lost wake-up", "[explore]") {
  // Woken for no reason it finds nothing and sleeps again.
  const Result result = explore({}, [] {
    std::atomic<int> word{0};
    std::jthread waiting([&] { word.wait(0); });
  });
  INFO(describe(result));
  CHECK(result.finding == Finding::deadlock);
  CHECK(result.reason.find("T1 sleeps on a futex") != std::string::npos);
}

TEST_CASE("a spin lock that is released is no livelock", "[explore]") {
  const Result result = explore({}, [] {
    std::atomic_flag lock;
    int count = 0;
    const auto add = [&] {
      while (lock.test_and_set()) {
      }
      ++count;
      lock.clear();
    };
    {
      std::jthread first(add);
      std::jthread second(add);
    }
    require(count == 2, "lost");
  });
  INFO(describe(result));
  CHECK(result.passed());
}

}  // namespace crosstalk::harness::explore
