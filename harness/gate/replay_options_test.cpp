#include "harness/gate/replay_options.h"

#include <catch2/catch.hpp>

#include "harness/settings.h"
#include "reports/gate_verdict.h"

namespace crosstalk::harness::gate {
namespace {

TEST_CASE("a replay without flags is of the gate's usual plan", "[gate]") {
  const ReplayOptions options = parse_replay({"--recorded", "a.csv,b.csv"});
  CHECK(options.recorded == std::vector<std::string>{"a.csv", "b.csv"});
  CHECK(options.effects == std::vector<double>{0, 0.02, 0.05, 0.1, 0.2});
  CHECK(options.trials == 2000);
  CHECK(options.plan.pairs == 40);
  CHECK(options.plan.contended_pairs == 40);
  CHECK(options.plan.budget_seconds == 180);
  CHECK(options.plan.metrics.size() == 5);
}

TEST_CASE("limits of a file are those of what is timed", "[harness][gate]") {
  const auto metrics =
      parse_replay({"--recorded", "a.csv", "--limits", CROSSTALK_SOURCE_DIR "/harness/gate/limits.ini"})
          .plan.metrics;
  REQUIRE(metrics.size() == reports::default_gate_metrics().size());
  CHECK(metrics.back().name == reports::default_gate_metrics().back().name);
}

TEST_CASE("flags of a replay", "[gate]") {
  const ReplayOptions options = parse_replay({"--recorded", "a.csv", "--effects", "0%,5%", "--slow", "one",
                                              "--pairs", "80", "--budget", "5m", "--metrics", "cpu_per_op",
                                              "--contended-pairs", "20", "--rounds", "3", "--seed", "9"});
  CHECK(options.effects == std::vector<double>{0, 0.05});
  CHECK(options.one);
  CHECK(options.plan.pairs == 80);
  CHECK(options.plan.contended_pairs == 20);
  CHECK(options.plan.budget_seconds == 300);
  CHECK(options.plan.metrics.size() == 1);
  CHECK(options.plan.mean_rounds == 3);
  CHECK(options.seed == 9);
  CHECK_THROWS_AS(parse_replay({}), UsageError);
  CHECK_THROWS_AS(parse_replay({"--recorded", "a.csv", "--metrics", "speed"}), UsageError);
  CHECK_THROWS_AS(parse_replay({"--recorded", "a.csv", "--metrics", "instructions"}), UsageError);
}

TEST_CASE("what is slowed down: all that have a direct path, or one solo scenario in turn", "[gate]") {
  ReplayOptions options;
  CHECK(options.effect(0.05, 0).slowed == std::vector<std::size_t>{0, 1, 2, 3, 4});
  CHECK(options.effect(0, 0).slowed.empty());
  options.one = true;
  CHECK(options.effect(0.05, 0).slowed == std::vector<std::size_t>{0});
  CHECK(options.effect(0.05, 5).slowed == std::vector<std::size_t>{2});
}

}  // namespace
}  // namespace crosstalk::harness::gate
