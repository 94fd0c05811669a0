#include "harness/gate/metric_limits.h"

#include <catch2/catch.hpp>

#include "harness/settings.h"

namespace crosstalk::harness::gate {
namespace {

std::string refusal_of_limits(std::string_view text) {
  try {
    static_cast<void>(parse_limits("gate.ini", text));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST_CASE("limits.ini says what holds without it", "[harness][gate]") {
  const Metrics read = read_limits(CROSSTALK_SOURCE_DIR "/harness/gate/limits.ini");
  const Metrics& known = all_metrics();
  REQUIRE(read.size() == known.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    CHECK(read[i].name == known[i].name);
    CHECK(read[i].margin == Approx(known[i].margin));
    CHECK(read[i].budget == Approx(known[i].budget));
    CHECK(is_metric(read[i].name));
  }
  CHECK_FALSE(is_metric("speed"));
}

TEST_CASE("a file changes what it names and leaves the rest", "[harness][gate]") {
  const Metrics limits = parse_limits("gate.ini", "[response_p99]\nmargin = 8 %\nbudget = 0.2\n");
  CHECK(limits[3].margin == Approx(0.08));
  CHECK(limits[3].budget == Approx(0.2));
  CHECK(limits[0].margin == Approx(reports::default_gate_metrics()[0].margin));
}

TEST_CASE("limits that cannot be are refused with their line", "[harness][gate]") {
  CHECK_THAT(refusal_of_limits("[speed]\n"), Catch::StartsWith("gate.ini:1: unknown metric 'speed'"));
  CHECK_THAT(refusal_of_limits("[throughput]\nmargin = 200%\n"), Catch::StartsWith("gate.ini:2: margin: "));
  CHECK(refusal_of_limits("[throughput]\nmargin = 5%\n") ==
        "gate.ini:1: [throughput]: margin must be below budget, got 5 % and 5 %");
}

TEST_CASE("instructions are exact, so only their margin can be said", "[harness][gate]") {
  CHECK(all_metrics().back().name == kInstructions);
  CHECK(parse_limits("gate.ini", "[instructions]\nmargin = 20%\n").back().margin == Approx(0.2));
  CHECK(refusal_of_limits("[instructions]\nbudget = 5%\n") ==
        "gate.ini:2: budget: means nothing for instructions, which are exact");
}

TEST_CASE("a metric that was not measured has no value", "[harness][gate]") {
  reports::RunRow row;
  for (const reports::GateMetric& metric : reports::default_gate_metrics())
    CHECK_FALSE(value_of(row, metric.name).has_value());
  row.achieved_ops_s = 5;
  row.count = 10;
  row.cpu_user_s = 1;
  row.cpu_system_s = 1;
  row.response_p50_ns = 7;
  row.delivery_last_p99_ns = 9;
  CHECK(value_of(row, "throughput") == 5.0);
  CHECK(value_of(row, "cpu_per_op") == 0.2);
  CHECK(value_of(row, "response_p50") == 7.0);
  CHECK(value_of(row, "delivery_last_p99") == 9.0);
  CHECK_FALSE(value_of(row, "speed").has_value());
}

}  // namespace
}  // namespace crosstalk::harness::gate
