#include "harness/history_table.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "reports/history_test_help.h"

namespace crosstalk::harness {
namespace {

using reports::judge_history;

std::string history_cell(const TextTable& table, std::size_t row, const std::string& column) {
  const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                  [&](const TextTable::Column& each) { return each.name == column; });
  REQUIRE(found != table.columns.end());
  return table.rows.at(row).at(static_cast<std::size_t>(found - table.columns.begin()));
}

// Twenty nights without a loss, and as many with 4 %, each a little off.
std::vector<reports::HistoryRow> history_with_a_step() {
  std::vector<double> losses;
  for (int i = 0; i < 40; ++i) losses.push_back((i < 20 ? 0 : 0.04) + 0.001 * (i % 3 - 1));
  return reports::history_of(losses);
}

TEST_CASE("losses in per cent have their sign, and no negative zero", "[harness][history]") {
  CHECK(loss_pct(0.03) == Approx(3.0454534));
  CHECK(signed_loss(0.03) == "+3.0");
  CHECK(signed_loss(-0.0123) == "-1.2");
  CHECK(signed_loss(-0.0001) == "+0.0");
}

TEST_CASE("a row of findings has what was found of a series and of a change", "[harness][history]") {
  const TextTable table = history_findings_table(judge_history(history_with_a_step()));
  REQUIRE(table.rows.size() == 1);
  for (const auto& row : table.rows) CHECK(row.size() == table.columns.size());
  const auto cell = [&](const std::string& column) { return history_cell(table, 0, column); };
  CHECK(cell("scenario") == "solo_team");
  CHECK(cell("points") == "40");
  CHECK(cell("drift") == "stands");
  CHECK(cell("drift_since_commit") == "c20");
  CHECK(cell("change_commit") == "c20");
  CHECK(cell("change_point") == "21");
  CHECK(cell("change_p") == "0.001");
  CHECK(std::stod(cell("before_pct")) == Approx(0).margin(0.01));
  CHECK(std::stod(cell("after_pct")) == Approx(4.08).epsilon(0.01));
  CHECK(std::stod(cell("now_pct")) == Approx(4.08).epsilon(0.01));
  CHECK(cell("change_level") == "0.01");
}

TEST_CASE("a series without a change or without a point has a row all the same", "[harness][history]") {
  auto rows = reports::history_of({0.001, 0.002});
  rows[1].scenario = "other";
  rows[1].verdict = reports::Verdict::contaminated;
  const TextTable table = history_findings_table(judge_history(rows));
  REQUIRE(table.rows.size() == 2);
  for (const auto& row : table.rows) CHECK(row.size() == table.columns.size());
  CHECK(history_cell(table, 0, "changes") == "0");
  CHECK(history_cell(table, 0, "change_point").empty());
  CHECK(history_cell(table, 0, "drift") == "none");
  CHECK(history_cell(table, 1, "points") == "0");
  CHECK(history_cell(table, 1, "left_out") == "1");
  CHECK(history_cell(table, 1, "last_pct").empty());
}

TEST_CASE("each point knows its stretch and whether it drifts", "[harness][history]") {
  auto rows = history_with_a_step();
  rows[0].interval = reports::Span{-0.01, 0.01};
  const TextTable table = history_points_table(judge_history(rows));
  REQUIRE(table.rows.size() == 40);
  for (const auto& row : table.rows) CHECK(row.size() == table.columns.size());
  CHECK(history_cell(table, 0, "point") == "1");
  CHECK(std::stod(history_cell(table, 0, "loss_high_pct")) == Approx(1.005).epsilon(0.001));
  CHECK(history_cell(table, 1, "loss_high_pct").empty());
  CHECK(history_cell(table, 19, "stretch") == "1");
  CHECK(history_cell(table, 19, "drift").empty());
  CHECK(history_cell(table, 19, "change_p").empty());
  CHECK(history_cell(table, 20, "stretch") == "2");
  CHECK(history_cell(table, 20, "drift") == "1");
  CHECK(history_cell(table, 20, "change_p") == "0.001");
  CHECK(history_cell(table, 39, "drift_stands") == "1");
  std::size_t raised = 0;
  for (std::size_t i = 0; i < 40; ++i) raised += history_cell(table, i, "drift_raised") == "1" ? 1 : 0;
  CHECK(raised == 1);
}

}  // namespace
}  // namespace crosstalk::harness
