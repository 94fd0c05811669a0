#include "harness/explore/explore.h"

#include <atomic>
#include <functional>
#include <thread>

#include <catch2/catch.hpp>

namespace crosstalk::harness::explore {

TEST_CASE("an increment by load and store loses one", "[explore]") {
  const Result result = explore({}, [] {
    std::atomic<int> count{0};
    const auto add = [&] { count.store(count.load() + 1); };
    {
      std::jthread first(add);
      std::jthread second(add);
    }
    require(count.load() == 2, "an increment is lost");
  });
  CHECK(result.finding == Finding::assertion);
  CHECK(result.confirmed);
  CHECK(result.replay.size() < 30);
  UNSCOPED_INFO(result.reason << '\n' << result.replay << '\n' << result.table);
  CHECK(result.reason.find("an increment is lost") != std::string::npos);
}

TEST_CASE("a schedule of too many switches to be kept is said to be, and no replay of half of it is given",
          "[explore]") {
  Options options;
  options.preemptions = 0;
  options.depth_first_runs = options.random_runs = 1;
  options.priority_runs = 0;
  const Result result = explore(options, [] {
    std::atomic<int> word{0};
    int turns[2] = {};  // how often the other thread came in between
    {
      const auto work = [&](int& mine) {
        int next = 0;
        for (int i = 0; i < 4000; ++i) {
          const int seen = word.fetch_add(1);
          if (seen != next) ++mine;
          next = seen + 1;
        }
      };
      std::jthread first(work, std::ref(turns[0]));
      std::jthread second(work, std::ref(turns[1]));
    }
    require(turns[0] + turns[1] < 3000, "too many turns");
  });
  INFO(result.reason);
  CHECK(result.finding == Finding::assertion);
  CHECK_FALSE(result.confirmed);
  CHECK(result.replay.empty());
  CHECK(result.reason.find("; its schedule has more than 2048 switches and is too long to be replayed") !=
        std::string::npos);
}

TEST_CASE("an increment in one step loses none", "[explore]") {
  const Result result = explore({}, [] {
    std::atomic<int> count{0};
    const auto add = [&] { count.fetch_add(1); };
    {
      std::jthread first(add);
      std::jthread second(add);
    }
    require(count.load() == 2, "an increment is lost");
  });
  INFO(result.reason << '\n' << result.replay << '\n' << result.table << result.coverage());
  CHECK(result.passed());
  CHECK(result.phases.size() == 6);
  CHECK(result.phases[2].exhausted);
}

}  // namespace crosstalk::harness::explore
