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

TEST_CASE("another thread may come between a change and the look behind it", "[explore]") {
  for (const bool reduction : {true, false}) {
    Options options;
    options.reduction = reduction;
    const Result result = explore(options, [] {
      std::atomic<int> left{2};
      std::atomic<int> last{0};
      {
        const auto leave = [&] {
          left.fetch_sub(1);
          if (left.load() == 0) last.fetch_add(1);
        };
        std::jthread first(leave);
        std::jthread second(leave);
      }
      require(last.load() < 2, "two are the last");
    });
    INFO(describe(result));
    CHECK(result.finding == Finding::assertion);
    CHECK(result.phases.size() == 2);  // with one preemption
  }
}

TEST_CASE("another thread may come between two looks at the same", "[explore]") {
  // Also where a loop looks, as far as its second look.
  const Result result = explore({}, [] {
    std::atomic<int> word{0};
    std::jthread other([&] { word.store(1); });
    int looks = 0;
    while (looks < 2 && word.load() == 0) ++looks;
    require(looks != 1, "seen by the second look");
  });
  CHECK(result.finding == Finding::assertion);
}

TEST_CASE("who looks at many things in a row does not spin", "[explore]") {
  // Made to wait there, it would never be seen to come to the end first.
  const Result result = explore({}, [] {
    std::array<std::atomic<int>, 100> words{};
    std::atomic<int> done{0};
    std::jthread other([&] { done.store(1); });
    for (const auto& each : words) static_cast<void>(each.load());
    require(done.load() == 1, "first");
  });
  INFO(describe(result));
  CHECK(result.finding == Finding::assertion);
}

TEST_CASE("nobody claims all schedules where a thread was made to wait that might have gone on",
          "[explore]") {
  Options options;
  options.preemptions = 0;
  options.priority_runs = options.random_runs = 0;
  const auto count_to = [&options](int end) {
    const Result result = explore(options, [end] {
      std::atomic<int> word{0};
      std::jthread other([&] { word.fetch_add(1); });
      for (int i = 0; i < end; ++i) word.fetch_add(1);
    });
    CHECK(result.passed());
    return result.phases[0].exhausted;
  };
  CHECK(count_to(900));
  CHECK_FALSE(count_to(1100));
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
