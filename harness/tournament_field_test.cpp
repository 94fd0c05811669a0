#include "harness/tournament_field.h"

#include <catch2/catch.hpp>

#include "harness/tournament_test_help.h"

namespace crosstalk::harness {
namespace {

using reports::Outcome;
using reports::RunResult;
using reports::Status;

LoadField closed_field(const std::vector<RunResult>& results) {
  LoadField field("key", "closed", "r1", true);
  for (const RunResult& result : results) field.add(reports::recorded(result), true);
  return field;
}

// a/a is 10 % ahead of b/b in every block.
std::vector<RunResult> duel(std::uint64_t blocks) {
  std::vector<RunResult> results;
  for (std::uint64_t block = 0; block < blocks; ++block) {
    const double machine = 1 + 0.02 * static_cast<double>(block);
    results.push_back(tournament_trial("b/b", block, 100'000 * machine, 1'000));
    results.push_back(tournament_trial("a/a", block, 110'000 * machine, 800));
    results.push_back(tournament_trial("null/null", block, 9e6));
  }
  return results;
}

TEST_CASE("throughput, response and processor time have the same leader", "[harness][tournament]") {
  const LoadField field = closed_field(duel(12));
  const auto judged = field.judge({});
  REQUIRE(judged.size() == 3);
  CHECK(judged[0].figure == Figure::throughput);
  CHECK(judged[1].figure == Figure::response_p99);
  CHECK(judged[2].figure == Figure::cpu_per_op);
  for (const JudgedFigure& figure : judged) {
    const auto& result = figure.tournament;
    CHECK(field.lines()[figure.lines[result.ranking.front()]].strategy == "a/a");
    CHECK(result.resolved);
    REQUIRE(result.duels.size() == 1);  // the floor takes no part
    CHECK(result.duels[0].blocks == 12);
    CHECK(result.duels[0].outcome == Outcome::better);
  }
  CHECK(judged[0].tournament.duels[0].ratio == Approx(1.1));
  CHECK(judged[1].tournament.duels[0].ratio == Approx(0.8).epsilon(0.01));  // as the histogram rounds
  CHECK(judged[2].tournament.duels[0].ratio == Approx(1 / 1.1));
}

TEST_CASE("unsound rows are kept and their blocks never compared", "[harness][tournament]") {
  for (const Status status :
       {Status::generator, Status::contaminated, Status::too_short, Status::interrupted}) {
    std::vector<RunResult> results = duel(14);
    results[3].status = status;  // b/b of block 1, as slow as it may be
    results[3].ops[0].achieved_ops_s = 1;
    const LoadField field = closed_field(results);
    CHECK(field.lines()[0].trials.size() == 14);
    CHECK(field.lines()[0].sound_trials() == 13);
    CHECK(field.why_out(field.lines()[0]).empty());
    CHECK(field.judge({})[0].tournament.duels.at(0).blocks == 13);
  }
  std::vector<RunResult> results = duel(14);
  results[3].status = Status::saturated;
  CHECK(closed_field(results).judge({})[0].tournament.duels.at(0).blocks == 14);
}

TEST_CASE("who broke a law or crashed once takes no part", "[harness][tournament]") {
  std::vector<RunResult> results = duel(12);
  for (std::uint64_t block = 0; block < 12; ++block) {
    results.push_back(tournament_trial("x/x", block, 9e5));
    results.push_back(tournament_trial("y/y", block, 8e5));
    results.push_back(tournament_trial("z/z", block, 7e5));
    results.back().status = Status::contaminated;
    results.back().status_reason = "others took 9 %";
  }
  results[36 + 3 * 5].verified = false;
  results[36 + 3 * 5].status_reason = "law broken";
  results[36 + 3 * 5 + 1].status = Status::failed;
  results[36 + 3 * 5 + 1].status_reason = "crash";
  const LoadField field = closed_field(results);
  CHECK(field.why_out(field.lines()[3]) == "NOT VERIFIED: law broken");
  CHECK(field.why_out(field.lines()[4]) == "failed: crash");
  CHECK(field.why_out(field.lines()[5]) == "contaminated: others took 9 %");
  const auto judged = field.judge({});
  CHECK(judged[0].lines == std::vector<std::size_t>{0, 1});
}

TEST_CASE("who was not checked takes no part", "[harness][tournament]") {
  std::vector<RunResult> results = duel(12);
  for (std::uint64_t block = 0; block < 12; ++block) {
    results.push_back(tournament_trial("x/x", block, 9e6));
    results.back().verified.reset();
  }
  const LoadField field = closed_field(results);
  CHECK(field.why_out(field.lines()[3]) == "no law was checked (--checks off, --no-check)");
  CHECK(field.judge({})[0].lines == std::vector<std::size_t>{0, 1});
}

TEST_CASE("two that are mostly harness are left out, one is not", "[harness][tournament]") {
  const auto left_out = [](double share_x, double share_y) {
    std::vector<RunResult> results = duel(3);
    results.push_back(tournament_trial("x/x", 0, 9e5));
    results.back().floor_share = share_x;
    results.push_back(tournament_trial("y/y", 0, 8e5));
    results.back().floor_share = share_y;
    const LoadField field = closed_field(results);
    return !field.why_out(field.lines()[3]).empty();
  };
  CHECK_FALSE(left_out(0.6, 0.5));
  CHECK(left_out(0.6, 0.55));
}

TEST_CASE("medians of slices are taken where all trials have them, else means", "[harness][tournament]") {
  std::vector<RunResult> results = duel(12);
  for (RunResult& result : results)
    result.ops[0].achieved_ops_s *= 0.5;  // stalls, which the slices do not show
  CHECK(closed_field(results).by_slices());
  CHECK(*closed_field(results).lines()[1].typical(Figure::throughput, true) > 110'000);
  CHECK(*closed_field(results).lines()[1].typical(Figure::throughput, false) < 110'000);
  results[4].intervals.clear();
  CHECK_FALSE(closed_field(results).by_slices());
  results[4].status = Status::too_short;
  CHECK(closed_field(results).by_slices());
}

TEST_CASE("an open loop is led by the response, and spinning drivers hide what an operation costs",
          "[harness][tournament]") {
  LoadField spinning("key", "poisson", "r1", false);
  LoadField sleeping("key", "poisson", "r1", false);
  for (std::uint64_t block = 0; block < 12; ++block) {
    for (const RunResult& result :
         {open_tournament_trial("a/a", block, 1'000), open_tournament_trial("b/b", block, 700)}) {
      spinning.add(reports::recorded(result), true);
      sleeping.add(reports::recorded(result), false);
    }
  }
  const auto judged = spinning.judge({});
  REQUIRE(judged.size() == 1);
  CHECK(judged[0].figure == Figure::response_p99);
  CHECK(judged[0].lines[judged[0].tournament.ranking.front()] == 1);
  CHECK(judged[0].tournament.resolved);
  REQUIRE(sleeping.judge({}).size() == 2);
  CHECK(sleeping.judge({})[1].figure == Figure::cpu_per_op);
}

TEST_CASE("rows of different traces, clients or loads are never in one field", "[harness][tournament]") {
  std::vector<LoadField> fields;
  const RunResult plain = tournament_trial("a/a", 0, 1'000);
  RunResult other_trace = plain, other_clients = plain;
  other_trace.identity.trace_hash = 7;
  other_clients.identity.clients = 9;
  for (const RunResult& result : {plain, other_trace, other_clients, open_tournament_trial("a/a", 0, 9)})
    field_of(fields, reports::recorded(result)).add(reports::recorded(result), true);
  field_of(fields, reports::recorded(plain)).add(reports::recorded(tournament_trial("b/b", 0, 1)), true);
  CHECK(fields.size() == 4);
  CHECK(fields[0].lines().size() == 2);
}

TEST_CASE("the slowest closed throughput is of those that take part", "[harness][tournament]") {
  std::vector<LoadField> fields;
  CHECK_FALSE(slowest_closed_ops_s(fields).has_value());
  RunResult broken = tournament_trial("c/c", 0, 10);
  broken.verified = false;
  RunResult noisy = tournament_trial("a/a", 3, 1);
  noisy.status = Status::contaminated;
  for (const RunResult& result :
       {tournament_trial("a/a", 0, 300), tournament_trial("a/a", 1, 100), tournament_trial("a/a", 2, 200),
        noisy, tournament_trial("b/b", 0, 500), broken, tournament_trial("null/null", 0, 5),
        open_tournament_trial("e/e", 0, 90)})
    field_of(fields, reports::recorded(result)).add(reports::recorded(result), true);
  CHECK(slowest_closed_ops_s(fields) == 200);
}

}  // namespace
}  // namespace crosstalk::harness
