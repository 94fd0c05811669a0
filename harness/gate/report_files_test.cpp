#include "harness/gate/report_files.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "harness/gate/gate_test_help.h"

namespace crosstalk::harness::gate {
namespace {

TEST_CASE("JUnit counts regressions as failures and undecided as the policy says", "[harness][gate]") {
  GateReport report = sample_report();
  std::string text = junit_of(report);
  CHECK_THAT(
      text, Catch::Contains(
                "<testsuites name=\"crosstalk gate\" tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"0\""));
  CHECK_THAT(
      text,
      Catch::Contains(
          "<testcase classname=\"gate.solo_team\" name=\"throughput\">\n      <failure type=\"regressed\""));
  CHECK_THAT(text, Catch::Contains("not shown &lt;within&gt; the budget"));
  report.undecided = reports::UndecidedPolicy::pass;
  CHECK_THAT(junit_of(report), Catch::Contains("failures=\"1\" errors=\"0\" skipped=\"1\""));
  report.waived.assign(report.rows.size(), std::nullopt);
  report.waived[0] = Waiver{.reason = "as asked"};
  CHECK_THAT(junit_of(report), Catch::Contains("<skipped message=\"waived: as asked\"/>"));
  report.rows[2].verdict = reports::Verdict::contaminated;
  CHECK_THAT(junit_of(report), Catch::Contains("errors=\"1\""));
}

TEST_CASE("a gate that ended early is an error in JUnit and keeps its code in JSON", "[harness][gate]") {
  GateReport report = sample_report();
  report.stopped = "--head: \"x\" crashed";
  report.stop_code = 8;
  CHECK_THAT(junit_of(report), Catch::Contains("tests=\"1\" failures=\"0\" errors=\"1\"") &&
                                   Catch::Contains("<error message=\"--head: &quot;x&quot; crashed\"/>"));
  CHECK_THAT(json_of(report), Catch::Contains("\"exit_code\":8,"));
}

TEST_CASE("JSON holds every verdict with its numbers", "[harness][gate]") {
  GateReport report = sample_report();
  report.contests[0].instructions = InstructionChange{100, 105, {{"send(\"a\")", 40, 45}}};
  const std::string text = json_of(report);
  CHECK_THAT(text, Catch::StartsWith("{\"schema_version\":1,\"verdict\":\"regressed\",\"exit_code\":1,"));
  CHECK_THAT(text, Catch::Contains("\"change_pct\": -7.87") && Catch::Contains("\"control\":{\"pairs\":8,"));
  CHECK_THAT(text, Catch::Contains("\"per_operation\":{\"errors\":[2,2.5]}"));
  CHECK_THAT(text, Catch::Contains("\"grown\":[{\"function\":\"send(\\\"a\\\")\",\"base\":40,\"head\":45}]"));
  CHECK_THAT(text, Catch::Contains("\"instructions\":null}"));
  CHECK(std::count(text.begin(), text.end(), '{') == std::count(text.begin(), text.end(), '}'));
  CHECK(std::count(text.begin(), text.end(), '[') == std::count(text.begin(), text.end(), ']'));
}

TEST_CASE("counts stand in JSON and JUnit, and what grew beside what got slower", "[harness][gate]") {
  GateReport report = sample_report();
  report.contests[0].replayed = {
      {.name = "allocations", .base = 0.25, .head = 1.25, .op = "post", .operations = 10, .exact = true}};
  CHECK_THAT(json_of(report), Catch::Contains("\"counted\":[{\"operation\":\"post\",\"what\":\"allocations\","
                                              "\"exact\":true,\"base\":0.25,\"head\":1.25}]") &&
                                  Catch::Contains("\"counted\":[],"));
  const std::string junit = junit_of(report);
  CHECK_THAT(junit, Catch::Contains("; likely cause: +1.00 allocations a post (0.25 to 1.25)\"/>"));
  CHECK_THAT(junit,
             Catch::Contains("tests=\"5\"") &&
                 Catch::Contains("name=\"counts\">\n      <system-out>allocations a post 0.25 to 1.25"));
}

TEST_CASE("all files are written, or it is an error", "[harness][gate]") {
  const TestFolder folder;
  write_report(folder.path, sample_report());
  for (const char* name : {"summary.md", "junit.xml", "gate.json", "gate.csv", "counts.csv"})
    CHECK_FALSE(content_of(folder.path / name).empty());
  CHECK_THAT(content_of(folder.path / "gate.csv"), Catch::StartsWith("scenario,metric,verdict,"));
  CHECK_THROWS_AS(write_report("/nowhere", sample_report()), reports::OutputError);
}

}  // namespace
}  // namespace crosstalk::harness::gate
