#include "harness/gate/count_words.h"

#include <catch2/catch.hpp>

#include "harness/gate/gate_test_help.h"

namespace crosstalk::harness::gate {
namespace {

OpCount exact(const char* name, const char* op, double base, double head) {
  return {.name = name, .base = base, .head = head, .op = op, .operations = 10, .exact = true};
}

TEST_CASE("counts are written as short as they can be told apart", "[harness][gate]") {
  CHECK(count_text(0) == "0.00");
  CHECK(count_text(0.25) == "0.25");
  CHECK(count_text(1234.5) == "1234");
  CHECK(count_text(0.0003) == "0.0003");
  CHECK(count_text(-1) == "-1.00");
  CHECK(count_name(exact("locks", "upload", 1, 1)) == "locks an upload");
  CHECK(count_name(exact("locks", "all", 1, 1)) == "locks an operation");
}

TEST_CASE("an allocation more a post is told as such", "[harness][gate]") {
  const std::vector<OpCount> counts{exact("allocations", "all", 0.2, 1),
                                    exact("allocations", "post", 0.25, 1.25), exact("locks", "post", 1, 1)};
  CHECK(growth_words(counts) == "+1.00 allocations a post (0.25 to 1.25)");
  CHECK(change_words(counts) == "allocations a post 0.25 to 1.25");
  CHECK(growth_words({exact("locks", "post", 2, 1)}).empty());
  CHECK(change_words({exact("locks", "post", 2, 1)}) == "locks a post 2.00 to 1.00");
}

TEST_CASE("equal counts are no change, and without counts nothing is said", "[harness][gate]") {
  CHECK(change_words({exact("locks", "post", 1, 1)}) == "no change");
  CHECK(change_words({}).empty());
  CHECK(change_words({{.name = "% of locks contended", .base = 1, .head = 2}}).empty());
}

TEST_CASE("more than five are counted and not told", "[harness][gate]") {
  const std::vector<OpCount> counts(7, exact("locks", "post", 1, 2));
  CHECK_THAT(growth_words(counts), Catch::EndsWith(" and 2 more"));
}

TEST_CASE("more of something without time is a warning, with time a likely cause", "[harness][gate]") {
  GateReport report = sample_report();
  report.contests[0].replayed = {exact("allocations", "post", 0, 1)};
  report.contests[1].replayed = {exact("locks", "join", 1, 3)};
  apply_counts(report);
  REQUIRE(report.warnings.size() == 2);
  CHECK(report.warnings[0] ==
        "solo_team: +1.00 allocations a post (0.00 to 1.00); it got slower, and this is a likely cause");
  CHECK(report.warnings[1] ==
        "crowd_team: +2.00 locks a join (1.00 to 3.00); no time was lost that could be shown");
  CHECK(likely_cause(report, report.rows[0]) == "likely cause: +1.00 allocations a post (0.00 to 1.00)");
  CHECK(verdict_of(report) == reports::Verdict::regressed);
}

TEST_CASE("counts that are equal say nothing, those that vary say so", "[harness][gate]") {
  GateReport report = sample_report();
  report.contests[0].replayed = {exact("allocations", "post", 1, 1)};
  OpCount varies = exact("wake-ups", "post", 1, 2);
  varies.exact = false;
  report.contests[1].replayed = {varies};
  apply_counts(report);
  REQUIRE(report.warnings.size() == 1);
  CHECK(report.warnings[0] ==
        "crowd_team: counted twice with the same program, these differ: wake-ups a post");
  CHECK(likely_cause(report, report.rows[0]).empty());
}

}  // namespace
}  // namespace crosstalk::harness::gate
