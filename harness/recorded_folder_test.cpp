#include "harness/recorded_folder.h"

#include <catch2/catch.hpp>

#include "harness/recorded_test_help.h"
#include "reports/csv_reader.h"

namespace crosstalk::harness {
namespace {

TEST_CASE("trials are sorted by load and strategy", "[harness][recorded_folder]") {
  auto results = usual_results();
  results.push_back(tournament_trial("a/a", 0, 1'000));
  results.back().identity.clients = 7;
  const WrittenFolder written(results);
  const RecordedFolder folder = written.read();
  REQUIRE(folder.loads().size() == 2);
  const LoadRecord& load = folder.loads().front();
  REQUIRE(load.strategies.size() == 3);
  CHECK(load.strategies[0].strategy == "a/a");
  CHECK(load.strategies[0].trials.size() == 2);
  CHECK(load.strategies[2].floor);
  CHECK(load.strategies[1].sound_trials() == 1);
  CHECK(folder.fact("cpus_online") == "2");
  CHECK_FALSE(folder.is_comparison());
}

TEST_CASE("histograms of repetitions are added, percentiles are of the sum", "[harness][recorded_folder]") {
  const WrittenFolder written(usual_results());
  const RecordedFolder folder = written.read();
  const reports::Histogram* response = folder.loads()[0].strategies[0].times_of("response");
  REQUIRE(response != nullptr);
  CHECK(response->count() == 2'000);
  CHECK(response->percentile(0.5) == 100);  // the mean of both trials' medians would be 200
  CHECK(response->max() == 300);
  CHECK(response->mean() == Approx(200));
}

TEST_CASE("what was not measured soundly adds nothing", "[harness][recorded_folder]") {
  const WrittenFolder written(usual_results());
  const RecordedFolder folder = written.read();
  CHECK(folder.loads()[0].strategies[1].times_of("response")->max() == 200);
  const auto rate = folder.loads()[0].strategies[1].median(
      [](const reports::RecordedTrial& trial) { return std::optional(trial.all().achieved_ops_s); });
  CHECK(rate == 50'000);
}

TEST_CASE("names that would move the cursor of a terminal are harmless", "[harness][recorded_folder]") {
  const WrittenFolder written({tournament_trial("a/\x1b[2J\"x\",\n" + std::string(300, 'y'), 0, 1'000)});
  const RecordedFolder folder = written.read();
  const std::string& name = folder.loads()[0].strategies[0].strategy;
  CHECK(name == "a/ [2J\"x\", " + std::string(300, 'y'));
}

TEST_CASE("a folder in which nothing was measured is refused", "[harness][recorded_folder]") {
  const WrittenFolder written({});
  CHECK_THROWS_WITH(written.read(), Catch::Contains("has no rows"));
}

}  // namespace
}  // namespace crosstalk::harness
