#include "harness/explore/explore.h"

#include <atomic>
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
