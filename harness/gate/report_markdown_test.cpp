#include "harness/gate/report_markdown.h"

#include <catch2/catch.hpp>

#include "harness/gate/gate_test_help.h"

namespace crosstalk::harness::gate {
namespace {

TEST_CASE("the summary says first what got slower, by how much and how sure", "[harness][gate]") {
  const std::string text = markdown_of(sample_report());
  CHECK_THAT(
      text, Catch::StartsWith("## Performance gate: REGRESSED\n\n- **solo_team got slower: throughput -7.9 % "
                              "(95 % interval -8.9 to -6.9 %, 18+12 pairs, p = 0.00037)**\n"));
  CHECK_THAT(text, Catch::Contains("<details><summary>All verdicts</summary>"));
  CHECK_THAT(text, Catch::Contains("base: crosstalk 1 (commit a)<br>head: crosstalk 2 (commit b)"));
}

TEST_CASE("a gate that ended early says why and shows no tables", "[harness][gate]") {
  GateReport report = sample_report();
  report.rows.clear();
  report.stopped = "--head: solo_team: killed by signal 11";
  const std::string text = markdown_of(report);
  CHECK_THAT(text,
             Catch::StartsWith(
                 "## Performance gate: ended before a verdict\n\n--head: solo_team: killed by signal 11.\n"));
  CHECK_THAT(text, !Catch::Contains("<details>"));
}

TEST_CASE("what was counted and differs stands in a table, and beside what got slower", "[harness][gate]") {
  GateReport report = sample_report();
  CHECK_THAT(markdown_of(report), !Catch::Contains("counted exactly"));
  report.contests[0].replayed = {
      {.name = "allocations", .base = 0.25, .head = 0.25, .op = "post", .operations = 10, .exact = true}};
  CHECK_THAT(markdown_of(report), Catch::Contains("counted exactly: no change."));
  report.contests[0].replayed[0].head = 1.25;
  const std::string text = markdown_of(report);
  CHECK_THAT(text,
             Catch::Contains("p = 0.00037)**; likely cause: +1.00 allocations a post (0.25 to 1.25)\n"));
  CHECK_THAT(text, Catch::Contains("| solo_team | allocations a post |"));
}

}  // namespace
}  // namespace crosstalk::harness::gate
