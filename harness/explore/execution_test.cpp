#include "harness/explore/execution.h"

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

}  // namespace crosstalk::harness::explore
