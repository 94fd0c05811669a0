#include "harness/recorded_tournament.h"

#include <catch2/catch.hpp>

#include "harness/recorded_test_help.h"

namespace crosstalk::harness {
namespace {

std::vector<reports::RunResult> twenty_blocks() {
  std::vector<reports::RunResult> results;
  for (std::uint64_t block = 0; block < 20; ++block) {
    const double swing = 1 + 0.01 * static_cast<double>(block);
    results.push_back(tournament_trial("a/a", block, 100'000 * swing));
    results.push_back(tournament_trial("b/b", block, 50'000 * swing));
  }
  return results;
}

std::vector<JudgedField> judged_directly(std::vector<LoadField>& fields, Look look) {
  for (const reports::RunResult& result : twenty_blocks()) {
    const reports::RecordedTrial trial = reports::recorded(result);
    field_of(fields, trial).add(trial, true);
  }
  return {judged(fields.front(), look)};
}

TEST_CASE("a comparison is judged as when it was measured", "[harness][recorded_tournament]") {
  const WrittenFolder written(twenty_blocks(), "crosstalk compare");
  const RecordedFolder folder = written.read();
  CHECK(folder.is_comparison());
  const RecordedTournament tournament(folder);
  std::vector<LoadField> fields;
  REQUIRE(tournament.fields().size() == 1);
  CHECK(answer(tournament.fields().front()) == answer(judged_directly(fields, {}).front()));
  CHECK_THAT(answer(tournament.fields().front()), Catch::Contains("winner by throughput: a/a"));
}

TEST_CASE("looks that shared the error are taken into account", "[harness][recorded_tournament]") {
  const WrittenFolder written(twenty_blocks(), "crosstalk compare --until-ci 3%");
  std::vector<LoadField> fields;
  const Look look{.share = 0.25, .number = 3};
  const auto direct = judged_directly(fields, look);
  std::string text = reports::comparison_header();
  for (const reports::ComparisonRow& row : comparison_rows(direct.front()))
    text += reports::comparison_line(row);
  written.files.put("comparison.csv", text);
  const RecordedFolder folder = written.read();
  const RecordedTournament tournament(folder);
  CHECK(tournament.fields().front().look.number == 3);
  CHECK(tournament.fields().front().look.share == Approx(0.25));
}

}  // namespace
}  // namespace crosstalk::harness
