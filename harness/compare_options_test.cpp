#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "harness/command_line_test_support.h"
#include "harness/compare_options.h"

namespace crosstalk::harness {
namespace {

TEST_CASE("the main job has defaults that flags outweigh", "[harness][compare]") {
  const Catalog catalog = builtin_catalog();
  const CompareOptions plain = parse_compare(catalog, {}, {});
  CHECK(plain.run.request.base.scenario == "community");
  CHECK(plain.run.request.base.load == LoadModel::closed);
  CHECK(plain.run.request.base.duration_ns >= 60'000'000);
  CHECK(plain.run.request.base.duration_ns <= 250'000'000);
  CHECK(plain.budget.seconds == 240);
  CHECK_FALSE(plain.until_ci);
  CHECK(plain.run.request.clients == std::vector<std::uint32_t>{5'000});
  CHECK_FALSE(plain.run.repetitions_were_chosen);
  const CompareOptions chosen =
      parse_compare(catalog, {"--repetitions", "3", "--duration=1s"}, {{"CROSSTALK_CLIENTS", "7"}});
  CHECK(chosen.run.request.repetitions == 3);
  CHECK(chosen.run.request.base.duration_ns == 1'000'000'000);
  CHECK(chosen.run.request.clients == std::vector<std::uint32_t>{7});
  CHECK(chosen.run.repetitions_were_chosen);
  CHECK_FALSE(chosen.budget.seconds);  // however long they take
  CHECK(parse_compare(catalog, {"--ops", "1000"}, {}).run.request.base.operations == 1'000);
}

TEST_CASE("the main job takes what outweighs its defaults from every place", "[harness][compare]") {
  const Catalog catalog = builtin_catalog();
  const CompareOptions counted =
      parse_compare(catalog, {}, {{"CROSSTALK_OPS", "1000"}, {"CROSSTALK_REPETITIONS", "7"}});
  CHECK(counted.run.request.base.operations == 1'000);
  CHECK(counted.run.request.base.duration_ns == 0);
  CHECK(counted.run.request.repetitions == 7);
  CHECK(counted.run.repetitions_were_chosen);
  const TestFolder folder;
  const std::string trace = folder.put(
      "t.csv", "time_ms,user,room,event,bytes\n0,1,1,message,5\n1,2,1,message,5\n500,1,1,message,5\n");
  const std::string config = folder.put("c.ini", "trace = " + trace + "\n");
  const CompareOptions replay = parse_compare(catalog, {"--config", config}, {});
  CHECK(replay.run.request.base.trace == trace);
  CHECK(replay.run.request.base.warmup_ns == 0);
  for (const std::string& note : replay.run.notes) CHECK_THAT(note, !Catch::Contains("gives way"));
  CHECK(replay.trace_rate_ops_s == Approx(6));
}

TEST_CASE("the main job takes thresholds as run does", "[harness][compare]") {
  const Catalog catalog = builtin_catalog();
  CHECK(parse_compare(catalog, {"--threshold", "reach>=1"}, {}).run.thresholds.size() == 1);
  CHECK(parse_compare(catalog, {}, {{"CROSSTALK_THRESHOLD", "reach>=1,errors<=0"}}).run.thresholds.size() ==
        2);
  CHECK_THROWS_WITH(parse_compare(catalog, {"--threshold", "reach>=1", "--strategy", "null/null"}, {}),
                    Catch::StartsWith("--threshold: judges nothing here"));
}

TEST_CASE("what is not checked is not compared", "[harness][compare]") {
  const Catalog catalog = builtin_catalog();
  CHECK_THROWS_WITH(parse_compare(catalog, {"--checks", "off"}, {}),
                    Catch::StartsWith("--checks: must be live or full"));
  CHECK(parse_compare(catalog, {"--checks", "full"}, {}).run.request.base.checks == Checks::full);
}

TEST_CASE("how long it is compared", "[harness][compare]") {
  const Catalog catalog = builtin_catalog();
  const CompareOptions timed = parse_compare(catalog, {"--budget", "5m", "--until-ci", "3%"}, {});
  CHECK(timed.budget.seconds == 300);
  CHECK(timed.budget.was_chosen);
  CHECK(timed.until_ci == Approx(0.03));
  const CompareOptions precise = parse_compare(catalog, {"--repetitions", "50", "--until-ci=0.05"}, {});
  CHECK(precise.until_ci == Approx(0.05));
  CHECK(precise.budget.seconds == 240);
  CHECK(precise.run.request.repetitions == 50);
  CHECK_THROWS_WITH(parse_compare(catalog, {"--budget", "0"}, {}), Catch::StartsWith("--budget"));
  CHECK_THROWS_WITH(parse_compare(catalog, {"--until-ci", "0%"}, {}), Catch::StartsWith("--until-ci"));
  CHECK_THROWS_WITH(parse_compare(catalog, {"--until-ci", "narrow"}, {}), Catch::StartsWith("--until-ci"));
}

TEST_CASE("trials are so short that 60 blocks fit, where they can", "[harness][compare]") {
  CHECK(trial_length(240, 3).duration_ns == 250'000'000);
  CHECK(trial_length(240, 3).warmup_ns == 125'000'000);
  CHECK(trial_length(240, 100).duration_ns == 60'000'000);
  const TrialLength eight = trial_length(240, 9);  // with the floor
  CHECK(eight.duration_ns > 60'000'000);
  const double block_s = 9 * (static_cast<double>(eight.duration_ns + eight.warmup_ns) * 1e-9 + 0.04);
  CHECK(240 / (2 * block_s) >= 60);
  const Catalog catalog = builtin_catalog();
  const CompareOptions short_one = parse_compare(catalog, {"--budget", "10s"}, {});
  CHECK(short_one.run.request.base.duration_ns == 60'000'000);
  CHECK(parse_compare(catalog, {"--budget", "10s", "--duration", "1s"}, {}).run.request.base.duration_ns ==
        1'000'000'000);
}

TEST_CASE("what the main job chooses itself is refused", "[harness][compare]") {
  const Catalog catalog = builtin_catalog();
  for (const char* flag : {"--load", "--rate", "--time-scale", "--plan", "--row"}) {
    CHECK_THROWS_WITH(parse_compare(catalog, {flag, "1"}, {}), Catch::StartsWith(flag));
  }
  CHECK_THROWS_WITH(parse_compare(catalog, {"--dry-run"}, {}), Catch::StartsWith("--dry-run"));
  CHECK_THROWS_WITH(parse_compare(catalog, {}, {{"CROSSTALK_LOAD", "poisson"}}),
                    "CROSSTALK_LOAD: compare decides this itself; see crosstalk run");
  CHECK_THROWS_AS(parse_compare(catalog, {"--clients", "0"}, {}), UsageError);
}

}  // namespace
}  // namespace crosstalk::harness
