#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

#include "reports/gate_verdict.h"

namespace crosstalk::reports {
namespace {

GateRow row_of(Verdict verdict, std::string scenario = "team") {
  GateRow row;
  row.scenario = std::move(scenario);
  row.verdict = verdict;
  return row;
}

TEST_CASE("the gravest verdict rules the exit code", "[reports][gate]") {
  CHECK(gravest({}) == Verdict::unchanged);
  std::vector<GateRow> rows{row_of(Verdict::unchanged)};
  int last = exit_code(gravest(rows), UndecidedPolicy::fail);
  CHECK(last == 0);
  const std::vector<std::pair<Verdict, int>> steps{{Verdict::improved, 0},       {Verdict::undecided, 5},
                                                   {Verdict::regressed, 1},      {Verdict::contaminated, 4},
                                                   {Verdict::not_comparable, 6}, {Verdict::broken, 8}};
  for (const auto& [verdict, code] : steps) {  // each outweighs all before it
    rows.insert(rows.begin(), row_of(verdict));
    CHECK(gravest(rows) == verdict);
    CHECK(exit_code(gravest(rows), UndecidedPolicy::fail) == code);
  }
  CHECK(exit_code(Verdict::undecided, UndecidedPolicy::pass) == 0);
  CHECK(exit_code(Verdict::regressed, UndecidedPolicy::pass) == 1);
}

TEST_CASE("the geometric mean counts only where it regressed", "[reports][gate]") {
  const std::string mean{kGeometricMean};
  CHECK(gravest(std::vector{row_of(Verdict::unchanged), row_of(Verdict::undecided, mean)}) ==
        Verdict::unchanged);
  CHECK(gravest(std::vector{row_of(Verdict::unchanged), row_of(Verdict::regressed, mean)}) ==
        Verdict::regressed);
}

TEST_CASE("every verdict has a word of its own", "[reports][gate]") {
  CHECK(to_string(Verdict::unchanged) == "unchanged");
  CHECK(to_string(Verdict::improved) == "improved");
  CHECK(to_string(Verdict::undecided) == "undecided");
  CHECK(to_string(Verdict::regressed) == "regressed");
  CHECK(to_string(Verdict::contaminated) == "contaminated");
  CHECK(to_string(Verdict::not_comparable) == "not_comparable");
  CHECK(to_string(Verdict::broken) == "broken");
}

TEST_CASE("default margins lie below their budgets", "[reports][gate]") {
  REQUIRE(default_gate_metrics().size() == 5);
  for (const GateMetric& metric : default_gate_metrics()) {
    CHECK(metric.margin > 0);
    CHECK(metric.margin < metric.budget);
    CHECK((metric.better == Better::larger) == (metric.name == "throughput"));
  }
}

}  // namespace
}  // namespace crosstalk::reports
