#include "harness/gate/instruction_rows.h"

#include <catch2/catch.hpp>

#include "harness/gate/gate_test_help.h"
#include "harness/gate/metric_limits.h"
#include "harness/gate/report_files.h"
#include "harness/gate/report_words.h"

namespace crosstalk::harness::gate {
namespace {

using reports::Verdict;

Verdict verdict_at(double head) {
  return instruction_row("a", InstructionChange{1'000, head, {}}, all_metrics().back()).verdict;
}

TEST_CASE("instructions are judged by the margin alone", "[harness][gate]") {
  CHECK(verdict_at(1'000) == Verdict::unchanged);
  CHECK(verdict_at(1'009) == Verdict::unchanged);
  CHECK(verdict_at(1'011) == Verdict::regressed);
  CHECK(verdict_at(991) == Verdict::unchanged);
  CHECK(verdict_at(989) == Verdict::improved);
}

TEST_CASE("what grew is named where instructions regressed", "[harness][gate]") {
  const reports::GateRow row =
      instruction_row("a", InstructionChange{100, 110, {{"send()", 40, 50}}}, all_metrics().back());
  CHECK(finding_words(row) ==
        "a does more: instructions an operation +10.0 % (100 to 110, grown: send() (40 to 50))");
  CHECK(pairs_words(row) == "exact");
}

TEST_CASE("rows of instructions stand behind the others of their scenario", "[harness][gate]") {
  GateReport report = sample_report();
  report.rows.push_back(sample_row(std::string(reports::kGeometricMean), 0, Verdict::unchanged, 0));
  report.contests[0].instructions = InstructionChange{100, 100, {}};
  add_instruction_rows(report, all_metrics().back());
  REQUIRE(report.rows.size() == 6);
  CHECK(report.rows[2].scenario == "solo_team");
  CHECK(report.rows[2].metric.name == kInstructions);
  GateReport alone;
  alone.contests = report.contests;
  add_instruction_rows(alone, all_metrics().back());
  CHECK(alone.rows.size() == 1);
  CHECK(exit_code_of(alone) == 0);
  CHECK_THAT(junit_of(alone),
             Catch::Contains("<testcase classname=\"gate.solo_team\" name=\"instructions\"/>"));
}

TEST_CASE("instructions that grew are red whatever the machine did", "[harness][gate]") {
  GateReport report = sample_report();
  report.control->differs = true;
  apply_control(report);
  REQUIRE(exit_code_of(report) == 4);
  report.contests[0].instructions = InstructionChange{100, 110, {}};
  add_instruction_rows(report, all_metrics().back());
  CHECK(exit_code_of(report) == 1);
  CHECK_THAT(answer(report), Catch::StartsWith("solo_team does more: "));
}

}  // namespace
}  // namespace crosstalk::harness::gate
