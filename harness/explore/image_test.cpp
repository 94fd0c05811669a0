#include "harness/explore/image.h"

#include <vector>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

namespace {

int explored_global = 5;
std::vector<int> explored_list;

}  // namespace

TEST_CASE("globals are as they were in every execution", "[explore]") {
  explored_global = 6;
  const Result result = explore({}, [] {
    require(explored_global == 6, "left over");
    require(explored_list.empty(), "left over");
    explored_global = 7;
    explored_list.push_back(1);
  });
  INFO(describe(result));
  CHECK(result.passed());
  CHECK(result.executions() > 100);
  CHECK(explored_global == 6);
}

}  // namespace crosstalk::harness::explore
