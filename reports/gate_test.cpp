// The gate with known answers.
#include "reports/gate.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>

#include "reports/binomial.h"

namespace crosstalk::reports {
namespace {

GateSeries series(std::mt19937_64& random, std::size_t pairs, double change, Better better) {
  GateSeries result{.scenario = "s", .strategy = "a/a", .metric = "m", .better = better, .margin = 0.05};
  std::student_t_distribution<double> noise(3);
  for (std::size_t i = 0; i < pairs; ++i) {
    const double machine = 0.2 * noise(random);  // common to the pair
    result.base_values.push_back(100 * std::exp(machine + 0.03 * noise(random)));
    result.head_values.push_back(100 * change * std::exp(machine + 0.03 * noise(random)));
  }
  return result;
}

GateOutcome outcome(double change, Better better, std::size_t pairs = 30) {
  std::mt19937_64 random(5);
  const std::vector<GateSeries> one{series(random, pairs, change, better)};
  return judge_gate(one).at(0).outcome;
}

TEST_CASE("worse is smaller throughput and longer response", "[reports][gate]") {
  CHECK(outcome(0.8, Better::larger) == GateOutcome::regressed);
  CHECK(outcome(1.25, Better::larger) == GateOutcome::improved);
  CHECK(outcome(1, Better::larger) == GateOutcome::held);
  CHECK(outcome(1.25, Better::smaller) == GateOutcome::regressed);
  CHECK(outcome(0.8, Better::smaller) == GateOutcome::improved);
  CHECK(outcome(1.05, Better::smaller) == GateOutcome::undecided);  // on the margin itself
  CHECK(outcome(0.8, Better::larger, 6) == GateOutcome::too_few);
}

TEST_CASE("figures of a verdict by hand", "[reports][gate]") {
  GateSeries each{
      .scenario = "s", .strategy = "a/a", .metric = "m", .better = Better::larger, .margin = 0.05};
  each.base_values.assign(12, 100);
  each.head_values.assign(12, 80);
  const std::vector<GateSeries> one{each};
  const GateVerdict verdict = judge_gate(one).at(0);
  CHECK(verdict.outcome == GateOutcome::regressed);
  CHECK(verdict.pairs == 12);
  CHECK(verdict.ratio == Approx(0.8));
  CHECK(verdict.interval->low == Approx(0.8));
  CHECK(verdict.p_holm == Approx(std::pow(0.5, 12)));
  CHECK(*verdict.detectable == Approx(1 / 1.05 - 1));  // without noise, whatever lies beyond the margin
}

TEST_CASE("how many pairs a gate takes", "[reports][gate]") {
  CHECK(gate_pairs_needed(1) == 7);  // 2^-7 < 1 %
  CHECK(gate_pairs_needed(0) == 7);
  CHECK(gate_pairs_needed(12) == 11);
  CHECK(judge_gate({}).empty());
}

TEST_CASE("the gravest verdict decides the exit code", "[reports][gate]") {
  const auto code = [](std::vector<GateOutcome> outcomes) {
    std::vector<GateVerdict> verdicts(outcomes.size());
    for (std::size_t i = 0; i < outcomes.size(); ++i) verdicts[i].outcome = outcomes[i];
    return gate_exit_code(verdicts);
  };
  using enum GateOutcome;
  CHECK(code({}) == 0);
  CHECK(code({held, improved}) == 0);
  CHECK(code({held, undecided}) == 5);
  CHECK(code({undecided, too_few}) == 4);
  CHECK(code({too_few, regressed, held}) == 4);
  CHECK(code({undecided, regressed, held}) == 1);
  for (const GateOutcome each : {held, improved, regressed, undecided, too_few})
    CHECK_FALSE(to_string(each).empty());
}

TEST_CASE("equal versions fail the gate no more often than its level, worse ones mostly", "[reports][gate]") {
  std::mt19937_64 random(7);
  std::uint64_t failed = 0, on_margin = 0, found = 0;
  constexpr std::uint64_t kRounds = 500;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    std::vector<GateSeries> equal, limit, worse;
    for (int i = 0; i < 6; ++i) {
      equal.push_back(series(random, 20, 1, Better::larger));
      limit.push_back(series(random, 20, 1 / 1.05, Better::larger));
      worse.push_back(series(random, 20, i == 0 ? 1 / 1.2 : 1, Better::larger));
    }
    failed += gate_exit_code(judge_gate(equal)) == 1 ? 1 : 0;
    on_margin += gate_exit_code(judge_gate(limit)) == 1 ? 1 : 0;
    found += judge_gate(worse)[0].outcome == GateOutcome::regressed ? 1 : 0;
  }
  CHECK(failed == 0);  // the margin is far
  CHECK(clopper_pearson(on_margin, kRounds, 0.99).low < kGateLevel);
  CHECK(clopper_pearson(found, kRounds, 0.99).low > 0.8);
}

}  // namespace
}  // namespace crosstalk::reports
