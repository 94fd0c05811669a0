#include "reports/history_findings.h"

#include <catch2/catch.hpp>

#include "reports/gate_test_help.h"
#include "reports/history_test_help.h"

namespace crosstalk::reports {
namespace {

// So many points about `level`, with the standard error of history_row().
std::vector<double> around(std::size_t count, double level, std::uint64_t seed) {
  SyntheticNormal normal(seed);
  std::vector<double> losses(count);
  for (double& loss : losses) loss = level + 0.005 * normal();
  return losses;
}

std::vector<double> joined(std::vector<double> losses, const std::vector<double>& more) {
  losses.insert(losses.end(), more.begin(), more.end());
  return losses;
}

SeriesFindings only_series(const std::vector<double>& losses) {
  auto findings = judge_history(history_of(losses));
  REQUIRE(findings.size() == 1);
  return std::move(findings.front());
}

TEST_CASE("what differs in machine, anchor, scenario, work or metric is a series of its own",
          "[reports][history]") {
  auto rows = history_of({0, 0, 0, 0, 0, 0, 0});
  rows[1].machine = "another";
  rows[2].anchor_hash = "another";
  rows[3].scenario = "another";
  rows[4].work = "another";
  rows[5].metric = "another";
  rows[6].kernel = rows[6].anchor = "another";
  const auto findings = judge_history(rows);
  REQUIRE(findings.size() == 6);
  // By machine and anchor, whatever their order in the file.
  CHECK(findings[0].series.points.size() == 2);
  CHECK(findings[0].family == 4);
  CHECK(findings[3].series.name.metric == "another");
  CHECK(findings[4].series.name.machine == "another");
  CHECK(findings[4].family == 1);
  CHECK(findings[0].level == Approx(0.0025));
}

TEST_CASE("points that are not usable are counted and left out", "[reports][history]") {
  auto rows = history_of({0.01, 9, 0.02, 9});
  rows[1].verdict = Verdict::contaminated;
  rows[3].error.reset();
  const auto findings = judge_history(rows);
  CHECK(findings[0].series.points.size() == 2);
  CHECK(findings[0].series.left_out == 2);
  CHECK(findings[0].last == 0.02);
  CHECK(findings[0].median == Approx(0.015));
  rows.resize(2);
  rows.erase(rows.begin());
  const auto none = judge_history(rows);
  CHECK(none[0].series.points.empty());
  CHECK_FALSE(none[0].drifts_now());
  CHECK(none[0].stretches.empty());
}

TEST_CASE("losses that creep up are a drift before any single one is large", "[reports][history]") {
  auto losses = around(60, 0, 1);
  for (std::size_t i = 20; i < losses.size(); ++i) losses[i] += 0.03 * static_cast<double>(i - 20) / 40;
  const SeriesFindings found = only_series(losses);
  REQUIRE(found.drifts.size() == 1);
  CHECK(found.drifts_now());
  CHECK(found.drifts[0].since > 20);
  CHECK(found.drifts[0].since < found.drifts[0].raised);
  CHECK(found.drifts[0].raised < 55);
  CHECK(found.drifts[0].end == 60);
  CHECK(found.sums.size() == 60);
  CHECK(found.sums[found.drifts[0].raised] > found.limit);
}

TEST_CASE("a drift that was undone is over", "[reports][history]") {
  const SeriesFindings found =
      only_series(joined(joined(around(20, 0, 1), around(20, 0.04, 2)), around(20, 0, 3)));
  REQUIRE(found.changes.size() == 2);
  REQUIRE(found.drifts.size() == 1);
  CHECK(found.drifts[0].since == 20);
  CHECK(found.drifts[0].end == 40);
  CHECK_FALSE(found.drifts_now());
  CHECK(found.sums[40] < found.limit);
}

TEST_CASE("a drift after one that was undone is told as well", "[reports][history]") {
  const auto once = joined(around(20, 0, 1), around(20, 0.04, 2));
  const SeriesFindings found = only_series(joined(once, joined(around(20, 0, 3), around(20, 0.05, 4))));
  REQUIRE(found.drifts.size() == 2);
  CHECK_FALSE(found.drifts[0].stands);
  CHECK(found.drifts[1].since == 60);
  CHECK(found.drifts_now());
}

TEST_CASE("an alarm ends when the sum is back at 0", "[reports][history]") {
  // Three nights that are far off, and are no segment that e-divisive would find among so few.
  const SeriesFindings found = only_series({0.05, 0.05, 0, -0.02, -0.02, -0.02, -0.02, -0.02});
  CHECK(found.changes.empty());
  REQUIRE(found.drifts.size() == 1);
  CHECK(found.drifts[0].since == 0);
  CHECK_FALSE(found.drifts_now());
  CHECK(found.sums[found.drifts[0].end] == 0);
}

TEST_CASE("stretches are what lies between changes", "[reports][history]") {
  const SeriesFindings found = only_series(joined(around(30, 0, 5), around(30, 0.04, 6)));
  REQUIRE(found.changes.size() == 1);
  REQUIRE(found.stretches.size() == 2);
  CHECK(found.changes[0].at == 30);
  CHECK(found.stretches[0].begin == 0);
  CHECK(found.stretches[0].end == 30);
  CHECK(found.stretches[1].end == 60);
  CHECK(found.stretches[1].median == Approx(0.04).margin(0.004));
  CHECK(found.changes[0].p <= found.level);
}

TEST_CASE("only the latest points are searched for changes, and counted from the first one",
          "[reports][history]") {
  const auto losses = joined(joined(around(30, 0, 5), around(30, 0.04, 6)), around(30, 0.08, 7));
  const auto findings = judge_history(history_of(losses), {.most = 40});
  REQUIRE(findings[0].changes.size() == 1);
  CHECK(findings[0].changes[0].at == 60);
  CHECK(findings[0].stretches[0].begin == 50);
}

TEST_CASE("a change in one of many series has to be plainer", "[reports][history]") {
  // Of 462 ways to choose five of eleven, two are as changed: a p below 1 %, and above a twelfth of it.
  const auto losses = joined(around(5, 0, 8), around(6, 0.05, 9));
  CHECK(only_series(losses).changes.size() == 1);
  std::vector<HistoryRow> rows = history_of(losses);
  for (int other = 0; other < 11; ++other) {
    auto more = history_of({0});
    more[0].scenario = "s" + std::to_string(other);
    rows.insert(rows.end(), more.begin(), more.end());
  }
  const auto findings = judge_history(rows);
  CHECK(findings[0].family == 12);
  CHECK(findings[0].changes.empty());
  CHECK(findings[0].limit > only_series(losses).limit);
}

TEST_CASE("a step does not make neighbours alike, a slow wave does", "[reports][history]") {
  CHECK_FALSE(only_series(joined(around(30, 0, 5), around(30, 0.04, 6))).dependent);
  std::vector<double> wave = around(80, 0, 10);
  for (std::size_t i = 1; i < wave.size(); ++i) wave[i] += 0.9 * wave[i - 1];
  const SeriesFindings found = only_series(wave);
  CHECK(found.dependent);
  CHECK(found.lag_one > 0.3);
}

TEST_CASE("steady histories are seldom said to drift or to have changed", "[reports][history]") {
  // Six series of 30 nights: a false alarm of drift once in 500 nights over them, so in about 6 % of histories, and a change
  // in at most 1 %.
  std::size_t drifts = 0, changes = 0;
  constexpr std::size_t kHistories = 60;
  for (std::size_t history = 0; history < kHistories; ++history) {
    std::vector<HistoryRow> rows;
    for (std::size_t series = 0; series < 6; ++series) {
      auto more = history_of(around(30, 0, 1000 + 6 * history + series));
      for (HistoryRow& row : more) row.scenario = "s" + std::to_string(series);
      rows.insert(rows.end(), more.begin(), more.end());
    }
    bool drifts_here = false, changes_here = false;
    for (const SeriesFindings& found : judge_history(rows)) {
      drifts_here = drifts_here || !found.drifts.empty();
      changes_here = changes_here || !found.changes.empty();
    }
    drifts += drifts_here ? 1 : 0;
    changes += changes_here ? 1 : 0;
  }
  CAPTURE(drifts, changes);
  CHECK(drifts <= 9);   // beyond that one run in 100 of 6 %
  CHECK(changes <= 4);  // likewise of 1 %
}

}  // namespace
}  // namespace crosstalk::reports
