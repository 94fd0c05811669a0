#include "harness/gate/stored_gate.h"

#include <catch2/catch.hpp>

#include "harness/gate/gate_test_help.h"
#include "pool/stress_rounds.h"

namespace crosstalk::harness::gate {
namespace {

// So many repetitions, each a little different.
void record(const std::filesystem::path& folder, double ops_s, int repetitions, const std::string& cpu = "x",
            std::uint64_t trace = 7) {
  reports::ResultsWriter writer(folder);
  for (int i = 0; i < repetitions; ++i) {
    reports::RunResult result = gate_result(ops_s * (1 + 0.001 * (i % 5)));
    result.identity.trial = result.identity.block = result.identity.repetition =
        static_cast<std::uint64_t>(i);
    result.identity.trace_hash = trace;
    writer.write(result);
  }
  writer.write_environment(
      {{"cpu_model", cpu}, {"cpus_online", "2"}, {"architecture", "x86_64"}, {"kernel", "Linux 6"}});
}

struct Stored {
  TestFolder folder;
  GateOptions options;
  Stored() {
    options.baseline = folder.path / "old";
    options.candidate = folder.path / "new";
    options.metrics = {reports::default_gate_metrics()[0]};
  }
};

TEST_CASE("a slower folder regressed, an equal one is unchanged", "[harness][gate]") {
  Stored stored;
  record(stored.options.baseline, 1'000, 12);
  record(stored.options.candidate, 900, 12);
  const GateReport slower = judge_folders(stored.options);
  REQUIRE(slower.rows.size() == 1);
  CHECK(exit_code_of(slower) == 1);
  CHECK(slower.rows[0].pairs == 12);
  CHECK(*slower.rows[0].change == Approx(-0.1).margin(0.003));
  CHECK(slower.rows[0].interval->low <= *slower.rows[0].change);
  CHECK(slower.rows[0].detectable.has_value());
  stored.options.candidate = stored.options.baseline;
  CHECK(exit_code_of(judge_folders(stored.options)) == 0);
}

TEST_CASE("a folder of many strategies can regress too", "[harness][gate]") {
  if (pool::kSanitized) return;  // arithmetic of one thread, and much of it
  Stored stored;
  const auto record_field = [](const std::filesystem::path& folder, double ops_s) {
    reports::ResultsWriter writer(folder);
    reports::RunResult result = gate_result(ops_s);
    for (std::uint64_t trial = 0; trial < 17 * 110; ++trial) {
      result.identity.trial = trial;
      result.identity.block = result.identity.repetition = trial / 110;
      result.identity.strategy = "a/" + std::to_string(trial % 110);
      writer.write(result);
    }
    writer.write_environment(
        {{"cpu_model", "x"}, {"cpus_online", "2"}, {"architecture", "x86_64"}, {"kernel", "Linux 6"}});
  };
  record_field(stored.options.baseline, 1'000);
  record_field(stored.options.candidate, 900);
  const GateReport report = judge_folders(stored.options);
  REQUIRE(report.rows.size() == 110);
  for (const reports::GateRow& row : report.rows) CHECK(row.verdict == reports::Verdict::regressed);
}

TEST_CASE("a judgement of folders says what it cannot know", "[harness][gate]") {
  Stored stored;
  record(stored.options.baseline, 1'000, 2);
  record(stored.options.candidate, 1'000, 2);
  const GateReport report = judge_folders(stored.options);
  CHECK(exit_code_of(report) == 5);  // two repetitions show nothing
  REQUIRE_FALSE(report.warnings.empty());
  CHECK_THAT(report.warnings[0], Catch::Contains("not measured in pairs"));
}

TEST_CASE("folders of few repetitions say that they cannot show anything", "[harness][gate]") {
  Stored stored;
  record(stored.options.baseline, 1'000, 6);
  record(stored.options.candidate, 500, 6);
  const GateReport report = judge_folders(stored.options);
  CHECK(exit_code_of(report) == 5);
  CHECK(
      report.warnings.back() ==
      "6 repetitions cannot show a regression among 1 verdicts: it takes 7, or fewer strategies and --metrics");
}

TEST_CASE("a metric that no folder has is not judged, one that one has is not comparable",
          "[harness][gate]") {
  Stored stored;
  stored.options.metrics = reports::default_gate_metrics();
  record(stored.options.baseline, 1'000, 12);
  record(stored.options.candidate, 1'000, 12);
  const GateReport equal = judge_folders(stored.options);  // nobody posts
  CHECK(equal.rows.size() == 4);
  CHECK(exit_code_of(equal) == 0);
  // The candidate alone has been given no processor time.
  std::filesystem::remove_all(stored.options.candidate);
  reports::ResultsWriter writer(stored.options.candidate);
  for (std::uint64_t i = 0; i < 12; ++i) {
    reports::RunResult result = gate_result(1'000);
    result.identity.trial = result.identity.block = result.identity.repetition = i;
    result.cpu_user_s = 0;
    writer.write(result);
  }
  writer.write_environment(
      {{"cpu_model", "x"}, {"cpus_online", "2"}, {"architecture", "x86_64"}, {"kernel", "Linux 6"}});
  CHECK(exit_code_of(judge_folders(stored.options)) == 6);
}

TEST_CASE("folders of different machines or traces are not compared", "[harness][gate]") {
  Stored stored;
  record(stored.options.baseline, 1'000, 9);
  record(stored.options.candidate, 1'000, 9, "y");
  const GateReport machines = judge_folders(stored.options);
  CHECK(exit_code_of(machines) == 6);
  CHECK_THAT(machines.stopped, Catch::Contains("cpu_model is x in"));
  stored.options.candidate = stored.folder.path / "other";
  record(stored.options.candidate, 1'000, 9, "x", 8);
  const GateReport traces = judge_folders(stored.options);
  CHECK(exit_code_of(traces) == 6);
  CHECK_THAT(traces.stopped, Catch::Contains("different traces"));
}

}  // namespace
}  // namespace crosstalk::harness::gate
