#include "harness/gate/history_rows.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "harness/gate/gate_test_help.h"
#include "harness/settings.h"
#include "reports/gate_test_help.h"

namespace crosstalk::harness::gate {
namespace {

constexpr std::time_t kTime = 1'769'832'000;  // date -u -d 2026-01-31T04:00:00Z +%s

std::vector<reports::HistoryRow> rows_of(const GateReport& report) {
  return history_rows(report, {.time = kTime,
                               .machine = "m",
                               .kernel = "k",
                               .anchor_hash = "00000000000000aa",
                               .block_ns = 500'000'000});
}

TEST_CASE("a row of the history says what was measured, of what, where and when",
          "[harness][gate][history]") {
  const auto rows = rows_of(sample_report());
  REQUIRE(rows.size() == 4);
  const reports::HistoryRow& row = rows[0];
  CHECK(row.date == "2026-01-31T04:00:00Z");
  CHECK(row.machine == "m");
  CHECK(row.anchor == "crosstalk 1 (commit a)");
  CHECK(row.anchor_commit == "a");
  CHECK(row.head_commit == "b");
  CHECK(row.scenario == "solo_team");
  CHECK(row.work == "team sharded/std_mutex direct threads=1 clients=1000 block=500ms");
  CHECK(row.metric == "throughput");
  CHECK(row.pairs == 18);
  CHECK(row.verdict == reports::Verdict::regressed);
  CHECK(row.seed == 7);
}

TEST_CASE("losses are log-ratios above 0 where head is worse, whatever the metric",
          "[harness][gate][history]") {
  const auto rows = rows_of(sample_report());
  // Throughput -7.87 %, interval -8.87 to -6.87 %.
  CHECK(*rows[0].loss == Approx(-std::log(1 - 0.0787)));
  CHECK(rows[0].interval->low == Approx(-std::log(1 - 0.0687)));
  CHECK(rows[0].interval->high == Approx(-std::log(1 - 0.0887)));
  CHECK(*rows[0].error == Approx((std::log(1 - 0.0687) - std::log(1 - 0.0887)) / 3.92).epsilon(1e-4));
  // Processor time +3 %.
  CHECK(*rows[1].loss == Approx(std::log(1.03)));
  CHECK(rows[1].interval->low == Approx(std::log(1.02)));
}

TEST_CASE("too few pairs leave interval and standard error empty", "[harness][gate][history]") {
  GateReport report = sample_report();
  report.rows[0].interval.reset();
  report.rows[1].change.reset();
  const auto rows = rows_of(report);
  CHECK(rows[0].loss);
  CHECK_FALSE(rows[0].error);
  CHECK_FALSE(rows[0].usable());
  CHECK_FALSE(rows[1].loss);
}

TEST_CASE("counted instructions are exact and need no pairs", "[harness][gate][history]") {
  GateReport report = sample_report();
  report.rows[0].metric.name = "instructions";
  report.rows[0].metric.better = reports::Better::smaller;
  report.rows[0].change = 0.02;
  report.rows[0].interval.reset();
  report.rows[0].pairs = 0;
  const auto rows = rows_of(report);
  CHECK(*rows[0].loss == Approx(std::log(1.02)));
  CHECK(rows[0].interval->low == *rows[0].loss);
  CHECK(*rows[0].error == 0);
  CHECK(rows[0].usable());
}

TEST_CASE("losses scatter about the true one by their standard errors", "[harness][gate][history]") {
  // What the drift's alarm rests on, from the gate's looks to the row, for pairs that scatter by 1.5 %.
  constexpr std::size_t kGates = 200;
  constexpr double kLoss = 0.02;
  const std::vector<reports::GateMetric> metrics{reports::default_gate_metrics().front()};
  double sum = 0, squares = 0, errors = 0;
  for (std::size_t gate_seed = 0; gate_seed < kGates; ++gate_seed) {
    reports::SequentialGate gate({{.name = "solo_team"}}, metrics, {.seed = gate_seed});
    reports::SyntheticMachine(metrics, {}, 1'000 + gate_seed).run(gate, {{kLoss}});
    GateReport report = sample_report();
    report.rows = gate.rows();
    const auto rows = rows_of(report);
    REQUIRE(rows.at(0).usable());
    sum += *rows[0].loss;
    squares += (*rows[0].loss - kLoss) * (*rows[0].loss - kLoss);
    errors += *rows[0].error;
  }
  const double scatter = std::sqrt(squares / kGates);
  CHECK(sum / kGates == Approx(kLoss).margin(4 * scatter / std::sqrt(kGates)));
  CHECK(scatter < 1.1 * errors / kGates);
  CHECK(scatter > 0.7 * errors / kGates);
}

TEST_CASE("the geometric mean is not kept, contaminated rows are, a gate that ended early leaves none",
          "[harness][gate][history]") {
  GateReport report = sample_report();
  report.rows.push_back(
      sample_row(std::string(reports::kGeometricMean), 0, reports::Verdict::unchanged, 0.01));
  report.control->differs = true;
  apply_control(report);
  const auto rows = rows_of(report);
  REQUIRE(rows.size() == 4);
  CHECK(rows[3].verdict == reports::Verdict::contaminated);
  CHECK_FALSE(rows[3].usable());
  report.stopped = "killed";
  CHECK(rows_of(report).empty());
}

TEST_CASE("the key of a machine names what makes losses incomparable", "[harness][gate][history]") {
  reports::Facts facts{{"kernel", "Linux 6"},
                       {"architecture", "x86_64"},
                       {"cpu_model", "AMD EPYC"},
                       {"cpus_online", "8"},
                       {"cpus_usable", "8"}};
  CHECK(machine_key(facts) == "AMD EPYC, 8 CPUs, x86_64");
  facts.back().second = "2";
  CHECK(machine_key(facts) == "AMD EPYC, 2 of 8 CPUs, x86_64");
  CHECK(machine_key({{"cpus_online", "1"}, {"cpus_usable", "1"}}) == "unknown, 1 CPU, unknown");
}

TEST_CASE("the hash of programs is of their bytes, not of names or order", "[harness][gate][history]") {
  const TestFolder folder;
  const std::filesystem::path one = folder.put("one", "a"), same = folder.put("same", "a");
  const std::filesystem::path other = folder.put("other", "b");
  const auto hash = [](std::vector<std::filesystem::path> links) { return hash_of_programs(links); };
  CHECK(hash({one}) == "af63dc4c8601ec8c");  // the published value of "a"
  CHECK(hash({same}) == hash({one}));
  CHECK(hash({other}) != hash({one}));
  CHECK(hash({one, other}) == hash({other, one}));
  CHECK(hash({one, other}) != hash({one, one}));
  CHECK_THROWS_AS(hash({folder.path / "none"}), UsageError);
}

TEST_CASE("the commit is read from what a program says of itself", "[harness][gate][history]") {
  CHECK(commit_in("crosstalk 1.0.0 (commit 0123abc-dirty, g++ 12.2, Release)") == "0123abc-dirty");
  CHECK(commit_in("crosstalk 1 (commit a)") == "a");
  CHECK(commit_in("crosstalk 1 (commit unknown, g++)").empty());
  CHECK(commit_in("crosstalk 9").empty());
}

}  // namespace
}  // namespace crosstalk::harness::gate
