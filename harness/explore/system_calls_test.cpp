#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <chrono>
#include <random>
#include <thread>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

TEST_CASE("atomic waits end by a notification", "[explore]") {
  const Result result = explore({}, [] {
    std::atomic<int> word{0};
    std::jthread waiting([&] { word.wait(0); });
    word = 1;
    word.notify_one();
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("a store without a notification loses the wake-up", "[explore]") {
  const Result result = explore({}, [] {
    std::atomic<int> word{0};
    std::jthread waiting([&] { word.wait(0); });
    word = 1;
  });
  INFO(describe(result));
  CHECK(result.finding == Finding::lost_wake_up);
}

TEST_CASE("random devices give the same in every execution, and exceptions do not differ from the second on",
          "[explore]") {
  const Result result = explore({}, [] {
    std::atomic<int> word{0};
    const auto work = [&] {
      std::random_device device;
      if (device() == device()) require(false, "twice the same number");
      for (unsigned i = device() % 3; i < 3; ++i) word.fetch_add(1);
      try {
        throw word.load();
      } catch (int) {
      }
    };
    std::jthread first(work);
    std::jthread second(work);
  });
  INFO(describe(result));
  CHECK(result.passed());
}

TEST_CASE("time is virtual: an hour passes at once, and the clock says so", "[explore]") {
  const Result result = explore({}, [] {
    const auto before = std::chrono::steady_clock::now();
    const timespec hour{3600, 0};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &hour, nullptr);
    require(std::chrono::steady_clock::now() - before >= std::chrono::hours(1), "too early");
  });
  INFO(describe(result));
  CHECK(result.passed());
  CHECK(result.seconds < 600);
}

TEST_CASE("a failed assert() is a finding with its place", "[explore]") {
  const Result result = explore({}, [] {
    const volatile int two = 2;
    assert(two == 3);
  });
  CHECK(result.finding == Finding::assertion);
  CHECK(result.reason.find("two == 3") != std::string::npos);
  CHECK(result.reason.find("system_calls_test.cpp") != std::string::npos);
}

TEST_CASE("calls that cannot be explored are refused by name", "[explore]") {
  const Result by_poll = explore({}, [] { poll(nullptr, 0, 0); });
  CHECK(by_poll.finding == Finding::unsupported);
  CHECK(by_poll.reason.find("poll") != std::string::npos);
  CHECK(explore({}, [] { static_cast<void>(fork()); }).finding == Finding::unsupported);
  CHECK(explore({}, [] { syscall(9999, 0, 0, 0, 0, 0, 0); }).finding == Finding::unsupported);
}

}  // namespace crosstalk::harness::explore
