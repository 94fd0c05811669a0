#include "reports/sequential_gate.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "reports/gate_test_help.h"

namespace crosstalk::reports {
namespace {

using Losses = std::vector<std::vector<double>>;
using PairValues = SyntheticMachine::Values;

const std::vector<GateMetric> kTwoMetrics{{.name = "throughput", .better = Better::larger},
                                          {.name = "cpu_per_op"}};

// Pairs of `losses` within a tenth of a per cent, which is next to no noise.
void feed(SequentialGate& gate, GatePhase phase, std::size_t scenario, const std::vector<double>& losses,
          std::size_t pairs) {
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    PairValues base(losses.size(), 100.0), head;
    const double noise = 0.001 * static_cast<double>(pair % 7) - 0.003;
    head.emplace_back(100 * std::exp(-losses[0] - noise));
    for (std::size_t i = 1; i < losses.size(); ++i) head.emplace_back(100 * std::exp(losses[i] + noise));
    gate.add(scenario, phase, base, head);
  }
}

const PairOrder* order_of(const std::vector<PairOrder>& orders, std::size_t scenario, GatePhase phase) {
  const auto found = std::find_if(orders.begin(), orders.end(), [&](const PairOrder& order) {
    return order.scenario == scenario && order.phase == phase;
  });
  return found == orders.end() ? nullptr : &*found;
}

TEST_CASE("equal programs are shown to be unchanged at the first look", "[reports][gate]") {
  SequentialGate gate(scenarios_of(6), default_gate_metrics());
  CHECK(gate.look_pairs(0) == std::vector<std::size_t>{14, 18, 27, 40});
  SyntheticMachine machine(default_gate_metrics(), {.deviation = 0.01, .wild = 0}, 1);
  CHECK(machine.run(gate, Losses(6, std::vector<double>(5))) == 6 * 14);
  const auto rows = gate.rows();
  REQUIRE(rows.size() == 7 * 5);
  for (const GateRow& row : rows) {
    CHECK(row.verdict == Verdict::unchanged);
    CHECK(row.pairs == 14);
    CHECK(std::abs(*row.change) < 0.01);
    CHECK(row.interval->low < *row.change);
    CHECK(row.interval->high > *row.change);
    CHECK(*row.loss_bound < row.metric.budget);
    CHECK(row.pairs_to_decide == std::size_t{0});
    CHECK(row.detectable > row.metric.margin);
  }
  CHECK(rows[0].scenario == "scenario 0");
  CHECK(rows[30].scenario == kGeometricMean);
  CHECK(exit_code(gravest(rows), UndecidedPolicy::fail) == 0);
}

TEST_CASE("a regression is measured again before it is one", "[reports][gate]") {
  SequentialGate gate(scenarios_of(1), kTwoMetrics);
  const std::size_t first = gate.look_pairs(0).front();
  feed(gate, GatePhase::search, 0, {0.08, 0}, first);
  CHECK(gate.rows()[0].verdict == Verdict::undecided);  // red
  CHECK(gate.rows()[1].verdict == Verdict::unchanged);
  const auto orders = gate.orders();
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].phase == GatePhase::confirm);
  CHECK(orders[0].pairs == first);

  SECTION("and red on fresh pairs too") {
    feed(gate, GatePhase::confirm, 0, {0.07, 0}, first);
    const GateRow row = gate.rows()[0];
    CHECK(row.verdict == Verdict::regressed);
    CHECK(*row.change == Approx(std::expm1(-0.08)).margin(0.002));  // throughput falls
    CHECK(*row.fresh_change == Approx(std::expm1(-0.07)).margin(0.002));
    CHECK(row.interval->low <= *row.change);
    CHECK(row.fresh_pairs == first);
    CHECK(row.p <= 0.01);
    CHECK(row.pairs_to_decide == std::size_t{0});
  }
  SECTION("or not") {
    feed(gate, GatePhase::confirm, 0, {0, 0}, first);
    CHECK(gate.rows()[0].verdict == Verdict::undecided);
    CHECK(gate.rows()[0].reason.find("not on as many fresh ones") != std::string::npos);
  }
  SECTION("or the time ends before") {
    feed(gate, GatePhase::confirm, 0, {0.08, 0}, first - 1);
    gate.end();  // of the search, which was over
    CHECK(gate.orders().size() == 1);
    gate.end();
    CHECK(gate.rows()[0].verdict == Verdict::undecided);
    CHECK(gate.rows()[0].reason.find("before fresh pairs") != std::string::npos);
  }
  CHECK(gate.orders().empty());
}

TEST_CASE("an improvement is the mirror of a regression", "[reports][gate]") {
  SequentialGate gate(scenarios_of(1), kTwoMetrics);
  feed(gate, GatePhase::search, 0, {-0.08, -0.05}, gate.look_pairs(0).front());
  CHECK(gate.orders().empty());
  CHECK(gate.rows()[0].verdict == Verdict::improved);
  CHECK(*gate.rows()[0].change == Approx(std::expm1(0.08)).margin(0.002));
  CHECK(gate.rows()[1].verdict == Verdict::improved);
  CHECK(*gate.rows()[1].change == Approx(std::expm1(-0.05)).margin(0.002));
}

TEST_CASE("losses up to the margin are never red, and those at the budget never unchanged",
          "[reports][gate]") {
  const GateMetric metric{.name = "cpu_per_op", .margin = 0.02, .budget = 0.05};
  SequentialGate gate(scenarios_of(2), {metric});
  SyntheticMachine machine({metric}, {.deviation = 0.002, .wild = 0}, 3);
  machine.run(gate, {{std::log1p(0.02)}, {std::log1p(0.05)}});
  CHECK(gate.rows()[0].verdict == Verdict::unchanged);
  CHECK(gate.rows()[1].verdict == Verdict::regressed);
}

TEST_CASE("a scenario of noise ends undecided, and says how many pairs more", "[reports][gate]") {
  SequentialGate gate(scenarios_of(1), {kTwoMetrics[1]});
  SyntheticMachine machine({kTwoMetrics[1]}, {.deviation = 0.15, .wild = 0}, 5);
  CHECK(machine.run(gate, {{0.04}}) == 40);
  const GateRow row = gate.rows()[0];
  CHECK(row.verdict == Verdict::undecided);
  CHECK(row.reason == "the pairs ended");
  CHECK(*row.detectable > 0.05);
  REQUIRE(row.pairs_to_decide);
  CHECK(*row.pairs_to_decide > 0);
}

TEST_CASE("a small loss of every scenario shows in the geometric mean", "[reports][gate]") {
  const GateMetric metric{.name = "cpu_per_op", .margin = 0.01, .budget = 0.055};
  SequentialGate gate(scenarios_of(6), {metric});
  SyntheticMachine machine({metric}, {.deviation = 0.1, .wild = 0}, 11);  // 0.04 in the mean of six
  machine.run(gate, Losses(6, {0.05}));
  const auto rows = gate.rows();
  const auto red = std::count_if(rows.begin(), rows.end() - 1,
                                 [](const GateRow& row) { return row.verdict == Verdict::regressed; });
  CHECK(red < 3);
  CHECK(rows.back().scenario == kGeometricMean);
  CHECK(rows.back().verdict == Verdict::regressed);
  CHECK(rows.back().fresh_pairs >= rows.back().pairs);
  CHECK(gravest(rows) == Verdict::regressed);
}

TEST_CASE("what is withdrawn keeps what was decided and still counts", "[reports][gate]") {
  SequentialGate gate(scenarios_of(2), kTwoMetrics);
  const std::size_t first = gate.look_pairs(0).front();
  feed(gate, GatePhase::search, 0, {0.02, 0}, first);  // decided: unchanged; the other one is
  feed(gate, GatePhase::search, 1, {0.02, 0}, 3);
  gate.withdraw(1, Verdict::broken, "head ended with signal 9");
  const auto rows = gate.rows();
  CHECK(rows[1].verdict == Verdict::unchanged);
  CHECK(rows[2].verdict == Verdict::broken);
  CHECK(rows[2].reason == "head ended with signal 9");
  CHECK(rows[4].reason == "fewer than two scenarios are left");
  CHECK(order_of(gate.orders(), 1, GatePhase::search) == nullptr);
  CHECK(gravest(rows) == Verdict::broken);
}

TEST_CASE("when the time ends there is one more look, at the pairs that are there", "[reports][gate]") {
  SequentialGate gate(scenarios_of(1), kTwoMetrics);
  feed(gate, GatePhase::search, 0, {0.08, 0},
       11);  // the first look would be at more; alone, 2 / 2^11 is below 1 %
  REQUIRE(gate.look_pairs(0).front() > 11);
  gate.end();
  const auto orders = gate.orders();
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].phase == GatePhase::confirm);
  CHECK(orders[0].pairs == 11);
  CHECK(gate.rows()[1].verdict == Verdict::unchanged);
  feed(gate, GatePhase::confirm, 0, {0.08, 0}, 11);
  CHECK(gate.rows()[0].verdict == Verdict::regressed);
  gate.end();
  CHECK(gate.rows()[0].verdict == Verdict::regressed);
}

TEST_CASE("ended before there is any pair, nothing is decided", "[reports][gate]") {
  SequentialGate gate(scenarios_of(2), kTwoMetrics);
  gate.end();
  CHECK(gate.orders().empty());
  for (const GateRow& row : gate.rows()) {
    CHECK(row.verdict == Verdict::undecided);
    CHECK(row.reason == "the time ended");
    CHECK_FALSE(row.change);
    CHECK_FALSE(row.pairs_to_decide);
  }
}

TEST_CASE("a metric that nobody measures has no row, one that only head measures is not comparable",
          "[reports][gate]") {
  SequentialGate gate(scenarios_of(1),
                      {kTwoMetrics[1], {.name = "delivery_last_p99"}, {.name = "response_p99"}});
  while (!gate.orders().empty())
    gate.add(0, GatePhase::search, PairValues{100, {}, {}}, PairValues{100, {}, 7});
  const auto rows = gate.rows();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].verdict == Verdict::unchanged);
  CHECK(rows[1].metric.name == "response_p99");
  CHECK(rows[1].verdict == Verdict::not_comparable);
  CHECK(rows[1].reason == "only head measures it");
}

TEST_CASE("a metric that few pairs measure hides no regression of another", "[reports][gate]") {
  SequentialGate gate(scenarios_of(1), kTwoMetrics);
  for (std::size_t pair = 0; !gate.orders().empty() && pair < 100; ++pair) {
    const GatePhase phase = gate.orders().front().phase;
    const double noise = 0.1 * static_cast<double>(pair % 7);
    const bool rare = pair % 10 == 0;
    gate.add(0, phase, PairValues{100.0, rare ? std::optional(1.0) : std::nullopt},
             PairValues{50.0 + noise, rare ? std::optional(1.0 + noise) : std::nullopt});
  }
  CHECK(gate.rows()[0].verdict == Verdict::regressed);
}

TEST_CASE("values that are no measurements are none", "[reports][gate]") {
  SequentialGate gate(scenarios_of(1), {kTwoMetrics[1]});
  for (const double bad : {0.0, -1.0, std::nan(""), HUGE_VAL})
    gate.add(0, GatePhase::search, PairValues{100}, PairValues{bad});
  CHECK(gate.rows()[0].pairs == 0);
  gate.add(0, GatePhase::search, PairValues{100}, PairValues{101});
  CHECK(gate.rows()[0].pairs == 1);
}

TEST_CASE("what makes no sense is refused in one sentence", "[reports][gate]") {
  CHECK_THROWS_WITH(
      SequentialGate(scenarios_of(6, 9), default_gate_metrics()),
      "scenario 0: 9 pairs could show no regression; among 6 scenarios and 5 metrics it takes 12");
  CHECK_THROWS_AS(SequentialGate({}, kTwoMetrics), std::invalid_argument);
  CHECK_THROWS_AS(SequentialGate(scenarios_of(1), {}), std::invalid_argument);
  CHECK_THROWS_WITH(SequentialGate(scenarios_of(1), {{.name = "x", .margin = 0.05, .budget = 0.05}}),
                    "x: the margin must be at least 0 and below the budget");
  CHECK_THROWS_AS(SequentialGate(scenarios_of(1), kTwoMetrics, {.level = 0}), std::invalid_argument);
  CHECK_THROWS_AS(SequentialGate(scenarios_of(1), kTwoMetrics, {.looks = {0.5, 0.5, 1}}),
                  std::invalid_argument);
  CHECK_THROWS_AS(SequentialGate(scenarios_of(1), kTwoMetrics, {.looks = {0.5}}), std::invalid_argument);
}

TEST_CASE("pairs that nobody ordered are not used", "[reports][gate]") {
  SequentialGate gate(scenarios_of(1), kTwoMetrics);
  const PairValues pair{100, 100};
  CHECK_FALSE(gate.add(0, GatePhase::confirm, pair, pair));
  CHECK_THROWS_AS(gate.add(1, GatePhase::search, pair, pair), std::logic_error);
  CHECK_THROWS_AS(gate.add(0, GatePhase::search, PairValues{100}, pair), std::logic_error);
  while (!gate.orders().empty()) CHECK(gate.add(0, GatePhase::search, pair, pair));
  const std::size_t pairs = gate.rows()[0].pairs;
  CHECK_FALSE(gate.add(0, GatePhase::search, pair, pair));
  CHECK(gate.rows()[0].pairs == pairs);
}

}  // namespace
}  // namespace crosstalk::reports
