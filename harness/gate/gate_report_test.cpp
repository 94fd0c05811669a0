#include "harness/gate/gate_report.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "harness/gate/gate_test_help.h"
#include "harness/gate/metric_limits.h"

namespace crosstalk::harness::gate {
namespace {

using reports::Verdict;

Waivers waivers_of(const std::string& scenario, const std::string& metric, double allowed) {
  return Waivers({{.scenario = scenario,
                   .metric = metric,
                   .allowed = allowed,
                   .reason = "as asked",
                   .expires = "2027-01-01",
                   .place = "w.ini:1"}});
}

TEST_CASE("the gravest verdict decides the exit code", "[harness][gate]") {
  GateReport report = sample_report();
  CHECK(verdict_of(report) == Verdict::regressed);
  CHECK(exit_code_of(report) == 1);
  report.rows.erase(report.rows.begin());
  CHECK(exit_code_of(report) == 5);
  report.undecided = reports::UndecidedPolicy::pass;
  CHECK(exit_code_of(report) == 0);
  report.stopped = "it crashed";
  report.stop_code = 8;
  CHECK(exit_code_of(report) == 8);
}

TEST_CASE("what contention leaves undecided does not make the gate so, where something else is decided",
          "[harness][gate]") {
  GateReport report = sample_report();
  report.rows = {sample_row("solo_team", 0, Verdict::unchanged, 0),
                 sample_row("crowd_team", 0, Verdict::undecided, 0),
                 sample_row(std::string(reports::kGeometricMean), 0, Verdict::undecided, 0)};
  CHECK(exit_code_of(report) == 0);
  report.contests.erase(report.contests.begin());  // now it is all there is
  CHECK(exit_code_of(report) == 5);
  report = sample_report();
  report.rows = {sample_row("crowd_team", 0, Verdict::regressed, -0.2)};
  CHECK(exit_code_of(report) == 1);
}

TEST_CASE("a waiver lets through what it allows and no more", "[harness][gate]") {
  GateReport report = sample_report();
  apply_waivers(report, waivers_of("solo_team", "throughput", 0.09));  // the loss is 1 / 0.9213 - 1
  CHECK(report.waived.at(0).has_value());
  CHECK(exit_code_of(report) == 5);
  CHECK(report.warnings.empty());
  GateReport too_much = sample_report();
  apply_waivers(too_much, waivers_of("solo_team", "throughput", 0.08));
  CHECK(exit_code_of(too_much) == 1);
  REQUIRE(too_much.warnings.size() == 1);
  CHECK_THAT(too_much.warnings[0], Catch::Contains("allows a loss of 8.0 %, it is 8.5 %"));
}

TEST_CASE("the geometric mean may lose what its scenarios may", "[harness][gate]") {
  const auto with_mean = [](double change) {
    GateReport report = sample_report();
    report.rows = {sample_row("solo_team", 0, Verdict::regressed, -0.0787),
                   sample_row("crowd_team", 0, Verdict::unchanged, 0.002),
                   sample_row(std::string(reports::kGeometricMean), 0, Verdict::regressed, change)};
    apply_waivers(report, waivers_of("solo_team", "throughput", 0.09));
    return report;
  };
  // A margin of 1 %, and half of ln 1.09.
  const GateReport report = with_mean(-0.05);
  REQUIRE(report.waived.at(2).has_value());
  CHECK(report.waived[2]->allowed == Approx(1.01 * std::sqrt(1.09) - 1));
  CHECK(exit_code_of(report) == 0);
  CHECK(exit_code_of(with_mean(-0.06)) == 1);
}

TEST_CASE("what cannot be compared is told whatever the machine did", "[harness][gate]") {
  GateReport report = sample_report();
  report.rows[2].verdict = Verdict::not_comparable;
  report.rows[3] = sample_row("crowd_team", 0, Verdict::regressed, 0.1);
  report.rows[3].metric.name = std::string(kInstructions);
  report.control->differs = true;
  apply_control(report);
  CHECK(report.rows[0].verdict == Verdict::contaminated);
  CHECK(exit_code_of(report) == 6);
}

TEST_CASE("waivers that nothing needs are told", "[harness][gate]") {
  GateReport report = sample_report();
  apply_waivers(report, waivers_of("crowd_team", "throughput", 0.09));
  REQUIRE(report.warnings.size() == 1);
  CHECK_THAT(report.warnings[0],
             Catch::Contains("w.ini:1") && Catch::Contains("not needed any more: unchanged"));
  apply_waivers(report, waivers_of("nobody", "throughput", 0.09));
  CHECK_THAT(report.warnings.back(), Catch::Contains("of nothing that was judged"));
}

TEST_CASE("a control that fails, or too many repeats, spoil every verdict", "[harness][gate]") {
  GateReport report = sample_report();
  apply_control(report);
  CHECK(exit_code_of(report) == 1);
  report.control->differs = true;
  report.control->change = 0.04;
  apply_control(report);
  CHECK(exit_code_of(report) == 4);
  CHECK_THAT(report.rows[0].reason, Catch::Contains("differs from it by +4.0 % in throughput"));
  GateReport noisy = sample_report();
  for (int i = 0; i < 40; ++i) noisy.repeats.note(true);
  apply_control(noisy);
  CHECK(exit_code_of(noisy) == 4);
}

TEST_CASE("instructions up without time are a warning, with time they say where", "[harness][gate]") {
  GateReport report = sample_report();
  report.contests[0].instructions = InstructionChange{100, 105, {{"send()", 40, 45}}};
  report.contests[1].instructions = InstructionChange{100, 108, {}};
  apply_instructions(report, 0.01);
  REQUIRE(report.warnings.size() == 2);
  CHECK(report.warnings[0] ==
        "solo_team: +5.0 % instructions an operation, grown: send() (40 to 45); and it got slower");
  CHECK_THAT(report.warnings[1], Catch::StartsWith("crowd_team: +8.0 % instructions") &&
                                     Catch::EndsWith("no time was lost that could be shown"));
  CHECK(exit_code_of(report) == 1);
  GateReport lenient = sample_report();
  lenient.contests[0].instructions = InstructionChange{100, 105, {}};
  apply_instructions(lenient, 0.06);
  CHECK(lenient.warnings.empty());
}

TEST_CASE("a loss is the same for what is better large and small", "[harness][gate]") {
  CHECK(*loss_of(sample_row("a", 0, Verdict::undecided, -0.5)) == Approx(1.0));
  CHECK(*loss_of(sample_row("a", 1, Verdict::undecided, 1.0)) == Approx(1.0));
  CHECK_FALSE(loss_of(reports::GateRow{}).has_value());
}

}  // namespace
}  // namespace crosstalk::harness::gate
