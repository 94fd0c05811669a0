#include "harness/gate/count_tables.h"

#include <catch2/catch.hpp>

#include "harness/gate/gate_test_help.h"

namespace crosstalk::harness::gate {
namespace {

GateReport counted_report() {
  GateReport report = sample_report();
  report.contests[0].replayed = {
      {.name = "locks", .base = 1, .head = 1, .op = "post", .operations = 10, .exact = true},
      {.name = "allocations", .base = 1.25, .head = 0.25, .op = "post", .operations = 10, .exact = true},
      {.name = "% of locks contended", .base = 0.1, .head = 0.2}};
  return report;
}

TEST_CASE("the file has every count, exact or not", "[harness][gate]") {
  const TextTable table = counts_table(counted_report());
  REQUIRE(table.rows.size() == 4);
  CHECK(table.rows[1] ==
        std::vector<std::string>{"solo_team", "post", "allocations", "1", "10", "1.25", "0.25", "-1"});
  CHECK(table.rows[2] ==
        std::vector<std::string>{"solo_team", "all", "% of locks contended", "0", "", "0.1", "0.2", "0.1"});
  CHECK(table.rows[3] == std::vector<std::string>{"solo_team", "all", "errors", "0", "", "2", "2.5", "0.5"});
}

TEST_CASE("people see what differs exactly", "[harness][gate]") {
  const TextTable table = changed_counts_table(counted_report());
  REQUIRE(table.rows.size() == 1);
  CHECK(table.rows[0] ==
        std::vector<std::string>{"solo_team", "allocations a post", "1.25", "0.25", "-1.00"});
  CHECK(changed_counts_table(sample_report()).rows.empty());
}

}  // namespace
}  // namespace crosstalk::harness::gate
