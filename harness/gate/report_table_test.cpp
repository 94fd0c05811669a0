#include "harness/gate/report_table.h"

#include <catch2/catch.hpp>

#include "harness/gate/gate_test_help.h"

namespace crosstalk::harness::gate {
namespace {

TEST_CASE("the report of a terminal begins with the answer and keeps to 80 columns", "[harness][gate]") {
  GateReport report = sample_report();
  report.warnings = {
      "something that has to be known and is told in a sentence that is longer than a line of a terminal"};
  report.waived.assign(report.rows.size(), std::nullopt);
  report.waived[0] =
      Waiver{.allowed = 0.1, .reason = "as asked", .expires = "2027-01-01", .place = "w.ini:1"};
  report.rows.push_back(
      sample_row(std::string(reports::kGeometricMean), 4, reports::Verdict::undecided, 0.12345));
  std::ostringstream out;
  print_report(out, report);
  CHECK_THAT(out.str(), Catch::StartsWith("undecided: No regression was shown"));
  CHECK_THAT(out.str(), Catch::Contains("solo_team: team, sharded/std_mutex, direct, 1 driver, 9 s"));
  CHECK_THAT(out.str(), Catch::Contains("an operation: errors 2 to 2.5"));
  CHECK_THAT(out.str(), Catch::Contains("waived until 2027-01-01"));
  CHECK_THAT(out.str(), Catch::Contains("geometric mean of all scenarios"));
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(line.size() <= 80);
  }
}

TEST_CASE("below the verdicts of a scenario stands what was counted", "[harness][gate]") {
  GateReport report = sample_report();
  report.contests[0].replayed = {
      {.name = "locks", .base = 1, .head = 2, .op = "post", .operations = 10, .exact = true}};
  report.contests[1].replayed = {
      {.name = "locks", .base = 1, .head = 1, .op = "post", .operations = 10, .exact = true},
      {.name = "% of locks contended", .base = 0.1, .head = 0.2}};
  std::ostringstream out;
  print_report(out, report);
  CHECK_THAT(out.str(), Catch::Contains("counted exactly: locks a post 1.00 to 2.00\n"));
  CHECK_THAT(out.str(),
             Catch::Contains("an operation: % of locks contended 0.1 to 0.2\ncounted exactly: no change\n"));
}

TEST_CASE("the table of verdicts has a cell for each column", "[harness][gate]") {
  const TextTable table = verdict_table(sample_report());
  REQUIRE(table.rows.size() == 4);
  for (const auto& row : table.rows) CHECK(row.size() == table.columns.size());
  CHECK(table.rows[0][2] == "regressed");
  CHECK(table.rows[0][4] == "-7.87");
  CHECK(table.rows[1][3] == "not shown <within> the budget");
}

}  // namespace
}  // namespace crosstalk::harness::gate
