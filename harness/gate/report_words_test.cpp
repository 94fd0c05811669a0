#include "harness/gate/report_words.h"

#include <catch2/catch.hpp>

#include "harness/gate/gate_test_help.h"
#include "harness/gate/metric_limits.h"

namespace crosstalk::harness::gate {
namespace {

using reports::Verdict;

TEST_CASE("a finding says what, by how much and how sure", "[harness][gate]") {
  const GateReport report = sample_report();
  CHECK(finding_words(report.rows[0]) ==
        "solo_team got slower: throughput -7.9 % (95 % interval -8.9 to -6.9 %, 18+12 pairs, p = 0.00037)");
  reports::GateRow sure = sample_row("x", 1, Verdict::improved, -0.2);
  sure.p = 1e-7;
  CHECK_THAT(finding_words(sure), Catch::StartsWith("x got faster: processor time an operation -20.0 %") &&
                                      Catch::EndsWith("p < 0.0001)"));
}

TEST_CASE("the answer names what regressed, or what its absence is worth", "[harness][gate]") {
  GateReport report = sample_report();
  CHECK(headline(report) == "REGRESSED");
  CHECK_THAT(answer(report), Catch::StartsWith("solo_team got slower: throughput") &&
                                 Catch::EndsWith("1 regressed, 2 unchanged, 1 undecided."));
  report.rows.erase(report.rows.begin(), report.rows.begin() + 2);
  CHECK(headline(report) == "no regression");
  CHECK(
      answer(report) ==
      "No regression: 2 unchanged. Nothing that is called unchanged lost more than 3.1 % (crowd_team, throughput).");
  CHECK(advice(report).empty());
  report.rows[0].verdict = Verdict::undecided;
  report.rows[0].scenario = "solo_team";
  CHECK_THAT(advice(report), Catch::Contains("--undecided pass"));
  report.stopped = "--head: it crashed";
  CHECK(answer(report) == "--head: it crashed.");
  CHECK(advice(report).empty());
}

TEST_CASE("the effort is told with pairs, repeats and seed", "[harness][gate]") {
  CHECK(
      effort(sample_report()) ==
      "2 scenarios, 48 pairs in 12 s, 3 of them measured again, 8 pairs of the base against a copy of itself, seed 7");
}

TEST_CASE("functions that grew are told, long names cut", "[harness][gate]") {
  CHECK(growth_text({}).empty());
  const std::string text = growth_text({1, 2, {{std::string(300, 'x'), 10, 20.4}, {"f", 1, 2}}});
  CHECK_THAT(text, Catch::Contains("x... (10 to 20); f (1 to 2)"));
  CHECK(text.size() < 140);
}

TEST_CASE("every metric has words", "[harness][gate]") {
  for (const reports::GateMetric& metric : all_metrics())
    CHECK((metric.name == "throughput" || metric_words(metric.name) != metric.name));
}

}  // namespace
}  // namespace crosstalk::harness::gate
