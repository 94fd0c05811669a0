#include "harness/anatomy_table.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness {
namespace {

reports::RunResult trial(const char* strategy, reports::Anatomy anatomy, double cost_pct) {
  reports::RunResult result;
  result.identity.strategy = strategy;
  result.identity.threads = 2;
  result.anatomy_cost_pct = cost_pct;
  reports::OpResult all;
  all.op = "all";
  all.anatomy = anatomy;
  result.ops.push_back(all);
  return result;
}

TEST_CASE("the anatomy's parts stand beside their total", "[harness][anatomy]") {
  AnatomyTable table;
  CHECK(table.empty());
  CHECK(table.cost().empty());
  table.add(
      trial("a/b", {.queue_ns = 1000, .lock_wait_ns = 2000, .lock_hold_ns = 3000, .rest_ns = 4000}, 1.5));
  reports::RunResult floor = trial("null/null", {}, 1);
  floor.identity.role = "floor";
  table.add(floor);
  const TextTable text = table.table();
  REQUIRE(text.rows.size() == 1);
  CHECK(text.rows[0] == std::vector<std::string>{"a/b x2", "all", "0 ns", "1.00 us", "2.00 us", "3.00 us",
                                                 "4.00 us", "10.0 us"});
  CHECK(table.cost() == "the readings of the anatomy themselves add to the service time: a/b x2 1.5 %");
}

TEST_CASE("rows without anatomy leave no line", "[harness][anatomy]") {
  AnatomyTable table;
  reports::RunResult result = trial("a/b", {}, 1);
  result.ops[0].anatomy.reset();
  table.add(result);
  CHECK(table.empty());
}

}  // namespace
}  // namespace crosstalk::harness
