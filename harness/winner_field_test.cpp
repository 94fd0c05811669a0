#include "harness/winner_field.h"

#include <catch2/catch.hpp>

#include "harness/tournament_test_help.h"

namespace crosstalk::harness {
namespace {

using reports::MapVerdict;
using reports::RunResult;

MapRequest two_cells() {
  MapRequest request;
  request.cells = cells_of(
      {.threads = {1, 4}, .write_shares = {0.07}, .zipfs = {0.99}, .members = {16}, .outsides_ns = {1'000}});
  request.strategies = {"a/a", "b/b"};
  request.processors = 2;
  return request;
}

RunResult trial_in(const MapRequest& request, std::size_t cell, const std::string& strategy,
                   std::uint64_t block, double ops_s) {
  RunResult result = tournament_trial(strategy, block, ops_s);
  result.identity.settings = settings_of(request.cells[cell]);
  result.identity.clients = clients_of(request.cells[cell]);
  result.identity.threads = request.cells[cell].threads;
  result.identity.outside_ns = outside_of(request.cells[cell], request.processors);
  result.floor_share = 0.25;
  return result;
}

// With one driver a/a is ahead by a quarter, with four nobody is: they lead in turn.
void measure(WinnerField& field, const MapRequest& request, std::uint64_t blocks) {
  for (std::uint64_t block = 0; block < blocks; ++block) {
    const double turn = block % 2 == 0 ? 1.01 : 0.99;
    field.add(trial_in(request, 0, "a/a", block, 125'000));
    field.add(trial_in(request, 0, "b/b", block, 100'000 * turn));
    field.add(trial_in(request, 0, "null/null", block, 9e6));
    field.add(trial_in(request, 1, "a/a", block, 50'000 / turn));
    field.add(trial_in(request, 1, "b/b", block, 50'000 * turn));
  }
}

TEST_CASE("each cell of a map is judged by itself", "[harness][winner_field]") {
  const MapRequest request = two_cells();
  WinnerField field(request);
  measure(field, request, 14);
  const auto rows = field.judge();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].run_id == "r1");
  CHECK(rows[0].threads == 1);
  CHECK(rows[0].write_share_pct == 7);
  CHECK(rows[0].zipf == 0.99);
  CHECK(rows[0].members == 16);
  CHECK(rows[0].outside_ns == 1'000);
  CHECK(rows[0].outside_scaled_ns == 500);
  CHECK(rows[0].verdict == MapVerdict::resolved);
  CHECK(rows[0].leader == "a/a");
  CHECK(rows[0].leader_ops_s == Approx(125'000));
  CHECK(rows[0].runner_up == "b/b");
  CHECK(rows[0].duel->ratio == Approx(1.25).epsilon(0.01));
  CHECK(rows[0].tied.empty());
  CHECK_FALSE(rows[0].mde_pct);
  CHECK(rows[0].strategies == 2);
  CHECK(rows[0].blocks == 14);
  CHECK(rows[0].blocks_needed == 9);
  CHECK(rows[0].floor_share == 0.25);
  CHECK(rows[1].outside_scaled_ns == 2'000);
  CHECK(rows[1].verdict == MapVerdict::unresolved);
  CHECK(rows[1].tied.size() == 1);
  CHECK(rows[1].mde_pct.value_or(0) > 0);
}

TEST_CASE("fewer blocks than are needed resolve no cell", "[harness][winner_field]") {
  const MapRequest request = two_cells();
  WinnerField field(request);
  measure(field, request, 8);
  const auto rows = field.judge();
  CHECK(rows[0].verdict == MapVerdict::too_few);
  CHECK(rows[0].leader == "a/a");
  CHECK_FALSE(rows[0].mde_pct);
}

TEST_CASE("a strategy that broke a law in a cell is left out of that cell alone", "[harness][winner_field]") {
  const MapRequest request = two_cells();
  WinnerField field(request);
  measure(field, request, 14);
  RunResult broken = trial_in(request, 0, "b/b", 14, 1e9);
  broken.verified = false;
  broken.status_reason = "law broken";
  field.add(broken);
  const auto rows = field.judge();
  CHECK(rows[0].verdict == MapVerdict::nothing);
  CHECK(rows[0].leader.empty());
  CHECK(rows[0].left_out == std::vector<std::string>{"b/b: NOT VERIFIED: law broken"});
  CHECK(rows[1].left_out.empty());
  CHECK(rows[1].strategies == 2);
}

TEST_CASE("trials that cannot be used are counted by what is wrong with them", "[harness][winner_field]") {
  const MapRequest request = two_cells();
  WinnerField field(request);
  CHECK(field.unsound().empty());
  measure(field, request, 1);
  CHECK(field.unsound().empty());
  for (const auto status : {reports::Status::failed, reports::Status::contaminated,
                            reports::Status::contaminated, reports::Status::saturated}) {
    RunResult result = trial_in(request, 0, "b/b", 1, 1e5);
    result.status = status;
    field.add(result);
  }
  CHECK(field.unsound() == "3 of 9 trials cannot be used: contaminated 2, failed 1");
}

TEST_CASE("what was not measured, or belongs to another load, makes no winner", "[harness][winner_field]") {
  WinnerField field(two_cells());
  field.add(tournament_trial("a/a", 0, 9));
  const auto rows = field.judge();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].verdict == MapVerdict::nothing);
  CHECK(rows[0].strategies == 0);
  CHECK(rows[0].left_out.empty());
}

}  // namespace
}  // namespace crosstalk::harness
