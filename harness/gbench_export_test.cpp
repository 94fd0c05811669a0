#include "harness/gbench_export.h"

#include <catch2/catch.hpp>

#include "harness/recorded_test_help.h"

namespace crosstalk::harness {
namespace {

std::size_t occurrences_in(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST_CASE("a benchmark has a repetition per trial, and aggregates over sound ones",
          "[harness][gbench_export]") {
  const WrittenFolder written(usual_results());
  const std::string json = gbench_json(written.read());
  // Two strategies with two figures each, of two trials.
  CHECK(occurrences_in(json, "\"run_type\": \"iteration\"") == 8);
  // Only a/a has two sound trials.
  CHECK(occurrences_in(json, "\"aggregate_name\": \"median\"") == 2);
  CHECK(occurrences_in(json, "\"aggregate_unit\": \"percentage\"") == 2);
  CHECK_THAT(json, Catch::Contains("\"name\": \"team/a/a/closed/clients:5000/threads:2\""));
  CHECK_THAT(json,
             Catch::Contains(
                 "\"real_time\": 10000,\n      \"cpu_time\": 20000,\n      \"time_unit\": \"ns\",\n      "
                 "\"items_per_second\": 100000\n"));
  CHECK(occurrences_in(json, "null/null") == 0);
}

TEST_CASE("what must not be used is an error with its reason", "[harness][gbench_export]") {
  const WrittenFolder written(usual_results());
  const std::string json = gbench_json(written.read());
  CHECK(occurrences_in(json, "\"error_occurred\": true") == 2);
  CHECK_THAT(json, Catch::Contains(R"("error_message": "contaminated: others took 9 % <of> \"it\"")"));
}

TEST_CASE("the name of a benchmark is that of the measurement", "[harness][gbench_export]") {
  reports::TrialIdentity id = open_tournament_trial("a/a", 0, 1).identity;
  CHECK(benchmark_name(id, 19'987.4) == "team/a/a/poisson:20000/clients:5000/threads:2");
  id.path = "pooled";
  id.pool = "tbb";
  id.workers = 4;
  id.settings = "rooms=64";
  CHECK(benchmark_name(id, {}) == "team/a/a/poisson/pooled:tbb/clients:5000/workers:4/rooms=64/threads:2");
}

TEST_CASE("rates at the edge of what a double holds have a name too", "[harness][gbench_export]") {
  const reports::TrialIdentity id = open_tournament_trial("a/a", 0, 1).identity;
  CHECK_THAT(benchmark_name(id, 1.79e308), Catch::Contains("/poisson:1.79e+308/"));  // 1.8e308 is none
  CHECK_THAT(benchmark_name(id, 1.04e-310), Catch::Contains("/poisson:1e-310/"));
}

TEST_CASE("the context tells what is known of the machine", "[harness][gbench_export]") {
  auto results = usual_results();
  for (auto& result : results) result.identity.run_id = "20260131T123456Z-17";
  const WrittenFolder written(results);
  const std::string json = gbench_json(written.read());
  CHECK_THAT(json, Catch::Contains("\"date\": \"2026-01-31T12:34:56+00:00\""));
  CHECK_THAT(json, Catch::Contains("\"num_cpus\": 2"));
  CHECK_THAT(json, Catch::Contains("\"load_avg\": [0.50, 1.25, 2.00]"));
}

}  // namespace
}  // namespace crosstalk::harness
