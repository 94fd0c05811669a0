#include "harness/gate/control.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness::gate {
namespace {

using Values = std::vector<std::optional<double>>;

// Of each metric the same value; throughput is better when larger, so a change of all of them is a loss of some and a gain of
// others.
Control control_of(int pairs, double copy_throughput) {
  Control control(reports::default_gate_metrics());
  for (int i = 0; i < pairs; ++i) {
    // Noise of half a per cent, of alternating sign.
    const double noise = i % 2 == 0 ? 1.005 : 0.995;
    control.add(Values{100.0, 1.0, 1.0, 1.0, {}}, Values{copy_throughput * noise, noise, noise, noise, {}});
  }
  return control;
}

TEST_CASE("copies that are alike pass the control", "[harness][gate]") {
  const ControlResult result = control_of(20, 100).result(1);
  CHECK(result.pairs == 20);
  CHECK_FALSE(result.differs);
  REQUIRE(result.deviations.size() == 5);
  CHECK(result.deviations[0] == Approx(0.00513).epsilon(0.05));
  CHECK(result.deviations[4] == 0);
}

TEST_CASE("a copy that differs beyond the margin fails it, whichever is the slower", "[harness][gate]") {
  for (const double throughput : {90.0, 110.0}) {
    const ControlResult result = control_of(20, throughput).result(1);
    CHECK(result.differs);
    CHECK(result.metric == "throughput");
    CHECK(result.change == Approx(throughput / 100 - 1).margin(0.006));
  }
}

TEST_CASE("a difference below the margin is no reason to stop", "[harness][gate]") {
  CHECK_FALSE(control_of(20, 99.4).result(1).differs);
}

TEST_CASE("a metric that few pairs measure hides no difference of another", "[harness][gate]") {
  Control control(reports::default_gate_metrics());
  for (int i = 0; i < 20; ++i) {
    const std::optional<double> rare = i == 0 ? std::optional(1.0) : std::nullopt;
    control.add(Values{100.0, 1.0, 1.0, 1.0, rare}, Values{50.0 + i, 1.0, 1.0, 1.0, rare});
  }
  CHECK(control.result(1).differs);
}

TEST_CASE("few pairs say nothing", "[harness][gate]") {
  CHECK(control_of(0, 100).result(1).fewest == 10);  // 10 x 2^-10 is below 1 %
  CHECK_FALSE(control_of(0, 100).result(1).differs);
  CHECK(control_of(0, 100).result(1).metric.empty());
  CHECK_FALSE(control_of(5, 50).result(1).differs);  // the smallest p-value is 2 x 2^-5
  CHECK(control_of(10, 50).result(1).differs);
}

}  // namespace
}  // namespace crosstalk::harness::gate
