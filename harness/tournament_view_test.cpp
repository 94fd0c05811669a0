#include "harness/tournament_view.h"

#include <catch2/catch.hpp>

#include <sstream>

#include "harness/tournament_test_help.h"

namespace crosstalk::harness {
namespace {

using reports::RunResult;
using Cells = std::vector<std::string>;

LoadField field_of_results(const std::vector<RunResult>& results) {
  LoadField field("key", "closed, 5,000 clients, 2 drivers", "r1", true);
  for (const RunResult& result : results) field.add(reports::recorded(result), true);
  return field;
}

// b/b stands at `share` of a/a, give or take one per cent in turn.
std::vector<RunResult> contest(std::uint64_t blocks, double share) {
  std::vector<RunResult> results;
  for (std::uint64_t block = 0; block < blocks; ++block) {
    const double turn = block % 2 == 0 ? 1.01 : 0.99;
    results.push_back(tournament_trial("b/b", block, 100'000 * share * turn));
    results.push_back(tournament_trial("a/a", block, 100'000));
    results.push_back(tournament_trial("null/null", block, 9e6));
  }
  return results;
}

TEST_CASE("the answer is one sentence", "[harness][tournament]") {
  const LoadField won = field_of_results(contest(12, 0.8));
  CHECK(
      answer(judged(won, {})) ==
      "closed, 5,000 clients, 2 drivers: winner by throughput: a/a, 1.250 x that of b/b (95 % interval 1.238 x to "
      "1.263 x, 12 blocks)");
  const LoadField few = field_of_results(contest(3, 0.8));
  CHECK(
      answer(judged(few, {})) ==
      "closed, 5,000 clients, 2 drivers: best throughput: a/a, 1.244 x that of b/b; not judged, which takes at "
      "least 9 blocks, got 3");
  const LoadField tied = field_of_results(contest(12, 1));
  CHECK_THAT(answer(judged(tied, {})), Catch::Contains("no difference resolved by throughput between ") &&
                                           Catch::Contains("; a difference of 1.3 % would have been seen"));
  CHECK(answer(judged(field_of_results({tournament_trial("a/a", 0, 9)}), {})).empty());
}

TEST_CASE("figures stand side by side, ratios to the leader below them", "[harness][tournament]") {
  std::vector<RunResult> results = contest(12, 0.8);
  results[0].status = reports::Status::contaminated;
  for (std::uint64_t block = 0; block < 12; ++block) {
    results.push_back(tournament_trial("x/x", block, 9e5));
    results.back().verified = false;
    results.back().status_reason = "law broken";
  }
  const LoadField field = field_of_results(results);
  const TextTable table = view(judged(field, {}));
  REQUIRE(table.rows.size() == 7);
  CHECK(table.rows[0] == Cells{"a/a", "100k/s", "100 ns", "20.0 us"});
  CHECK(table.rows[1] == Cells{"", "leader", "leader", "leader"});
  CHECK(table.rows[2][0] == "b/b");
  CHECK(table.rows[3][0] == "11 of 12 sound");
  CHECK(table.rows[3][1] == "0.800 0.792-0.808");
  CHECK(table.rows[3][2] == "~1.000 1.000-1.000");
  CHECK(table.rows[4][0] == "x/x");
  CHECK(table.rows[5] == Cells{"0 of 12 sound", "left out", "left out", "left out"});
  CHECK(table.rows[6][0] == "null/null (floor)");
  CHECK(table.rows[6][1] == "9.00M/s");
  const auto said = remarks(judged(field, {}));
  CHECK(said.at(0) == "Not told apart from a/a by p99 response: b/b (0.0 %).");
  CHECK(said.back() == "Left out: x/x: NOT VERIFIED: law broken");
}

TEST_CASE("who stalls is told", "[harness][tournament]") {
  std::vector<RunResult> results = contest(12, 0.8);
  for (RunResult& result : results) {
    if (result.identity.strategy == "b/b") result.ops[0].achieved_ops_s *= 0.7;
  }
  const LoadField field = field_of_results(results);
  CHECK(
      remarks(judged(field, {})).back() ==
      "b/b stalls: over whole trials it keeps 70 % of the throughput of its median slice, the leader 100 %.");
}

TEST_CASE("the printed table keeps to 80 columns, answer first", "[harness][tournament]") {
  std::vector<RunResult> results;
  for (std::uint64_t block = 0; block < 30; ++block) {
    const double turn = block % 2 == 0 ? 1.2 : 0.8;
    results.push_back(tournament_trial("sharded/std_shared_mutex", block, 12'345'678));
    results.push_back(tournament_trial("coarse/std_shared_mutex", block, 11'345'678 * turn, 123'456));
  }
  const LoadField field = field_of_results(results);
  std::ostringstream out, err;
  print_tournament({judged(field, {})}, Format::table, {out, err});
  CHECK(out.str().starts_with("closed, 5,000 clients, 2 drivers: no difference resolved"));
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
  CHECK_THAT(out.str(), Catch::Contains("median of 10ms slices"));
  CHECK(err.str().empty());
}

TEST_CASE("programs get a row a strategy and the file a row a pair", "[harness][tournament]") {
  const LoadField field = field_of_results(contest(12, 0.8));
  const JudgedField verdict = judged(field, {});
  const TextTable table = table_for_programs({verdict});
  REQUIRE(table.rows.size() == 3);
  for (const auto& row : table.rows) CHECK(row.size() == table.columns.size());
  CHECK(table.columns[8].name == "throughput_ratio");
  CHECK(table.rows[1][8].starts_with("0.79"));
  CHECK(table.columns[23].name == "throughput_verdict");
  CHECK(table.rows[1][23] == "worse");
  CHECK(table.rows[2][2] == "floor");
  std::ostringstream out, err;
  print_tournament({verdict}, Format::csv, {out, err});
  CHECK(out.str().starts_with("load,strategy,role,trials,sound,throughput,"));
  CHECK_THAT(err.str(), Catch::Contains("winner by throughput: a/a"));
  const auto rows = comparison_rows(verdict);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].metric == "throughput");
  CHECK(rows[0].leader == "a/a");
  CHECK(rows[0].other == "b/b");
  CHECK(rows[0].value == "median of 10ms slices");
  CHECK(rows[0].duel.outcome == reports::Outcome::better);
  CHECK(*rows[0].leader_value == Approx(100'000));
}

TEST_CASE("the values that were judged are kept", "[harness][tournament]") {
  std::vector<RunResult> results = contest(12, 0.8);
  results[0].status = reports::Status::contaminated;  // block 0 of b/b
  const LoadField field = field_of_results(results);
  const JudgedField verdict = judged(field, {});
  const auto recorded = reports::fields_of(block_values(verdict));
  REQUIRE(recorded.size() == verdict.figures.size());
  CHECK(recorded[0].metric == "throughput");
  CHECK(recorded[0].load == field.name());
  REQUIRE(recorded[0].contenders.size() == 2);  // the floor takes no part
  CHECK(recorded[0].contenders[0].values.size() + recorded[0].contenders[1].values.size() == 23);
  const auto again = reports::judge(recorded[0].contenders, {.better = recorded[0].better});
  CHECK(again.duels.at(0).ratio == verdict.figures[0].tournament.duels.at(0).ratio);
  CHECK(again.duels[0].p_holm == verdict.figures[0].tournament.duels[0].p_holm);
}

TEST_CASE("looks are told of", "[harness][tournament]") {
  const LoadField field = field_of_results(contest(30, 0.8));
  CHECK_THAT(legend(judged(field, {})), !Catch::Contains("looks"));
  CHECK_THAT(legend(judged(field, {.share = 0.5, .number = 3})), Catch::Contains("3 looks share the error"));
  CHECK(comparison_rows(judged(field, {.share = 0.5, .number = 3}))[0].looks == 3);
}

}  // namespace
}  // namespace crosstalk::harness
