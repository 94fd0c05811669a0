#include "reports/gate_trials.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "reports/detectable.h"

namespace crosstalk::reports {
namespace {

const TrialPlan kSmallPlan{.effects = {0, 0.1}, .pairs = {14}, .trials = 100};

TrialRow row_of_tool(const std::vector<TrialRow>& rows, std::string_view tool, double effect) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const TrialRow& row) {
    return row.tool == tool && row.effect == effect;
  });
  REQUIRE(found != rows.end());
  return *found;
}

TEST_CASE("in quiet a loss of 10 % is plain to every tool that can see it", "[reports][rivals]") {
  const auto rows = gate_trials(synthetic_noise(5'000, 1)[0], kSmallPlan);
  CHECK(row_of_tool(rows, "crosstalk gate", 0).red == 0);
  CHECK(row_of_tool(rows, "crosstalk gate", 0.1).red == 100);
  CHECK(row_of_tool(rows, "U test (compare.py, benchstat)", 0.1).red == 100);
  CHECK(row_of_tool(rows, "200 % of the stored", 0.1).red == 0);
  // The stated level: 5 % on both sides, of which one is "slower".
  CHECK(row_of_tool(rows, "U test (compare.py, benchstat)", 0).red <= 9);
  for (const TrialRow& row : rows) {
    CHECK(row.trials == 100);
    if (row.effect == 0) CHECK(row.red_fair <= 1);
  }
  CHECK(row_of_tool(rows, "U test, interleaved", 0).minutes == Approx(2 * 14 * 0.7 / 60));
  CHECK(row_of_tool(rows, "crosstalk gate", 0).minutes <= 2 * 14 * 0.7 / 60 + 1e-9);
}

TEST_CASE("beside a neighbour sequential tools cry wolf, pairs do not", "[reports][rivals]") {
  const auto rows = gate_trials(synthetic_noise(5'000, 1)[2], kSmallPlan);
  CHECK(row_of_tool(rows, "U test (compare.py, benchstat)", 0).red > 8);
  CHECK(row_of_tool(rows, "crosstalk gate", 0).red <= 1);
}

TEST_CASE("synthetic noise is as noisy as it says", "[reports][rivals]") {
  const auto series = synthetic_noise(20'000, 3);
  REQUIRE(series.size() == 3);
  std::vector<double> quiet;
  for (const double block : series[0].blocks) quiet.push_back(std::log(block));
  CHECK(deviation(quiet) == Approx(0.0106).epsilon(0.03));
  const auto slow = std::count_if(series[1].blocks.begin(), series[1].blocks.end(),
                                  [](double block) { return block > 1.05; });
  CHECK(static_cast<double>(slow) / 20'000 == Approx(0.05).margin(0.01));
}

TEST_CASE("a series too short for the plan is refused", "[reports][rivals]") {
  CHECK_THROWS_WITH(gate_trials({"short", std::vector<double>(55, 1.0)}, kSmallPlan),
                    "short: 55 blocks are too few for these trials, which take up to 56");
}

RecordedPair pair_of(bool base_first, std::vector<std::optional<double>> base,
                     std::vector<std::optional<double>> head) {
  return {.scenario = "team", .base_first = base_first, .base = std::move(base), .head = std::move(head)};
}

TEST_CASE("recorded pairs become blocks in their order", "[reports][rivals]") {
  std::vector<RecordedPair> pairs{pair_of(true, {4, 10, 1, 2, {}}, {5, 11, 1, 2, {}}),
                                  pair_of(false, {4, 90, 1, 2, {}}, {5, 90, 1, 2, {}}),
                                  pair_of(false, {8, 12, {}, 2, {}}, {10, 13, 1, 2, {}})};
  pairs[1].disturbed = true;
  const auto series = recorded_noise(pairs);
  REQUIRE(series.size() == 3);  // no delivery, and a response_p50 that is not always there
  CHECK(series[0].name == "team, cpu_per_op");
  CHECK(series[0].blocks == std::vector<double>{10, 11, 13, 12});
  CHECK(series[2].name == "team, throughput");
  CHECK(series[2].blocks == std::vector<double>{0.25, 0.2, 0.1, 0.125});  // smaller is better
}

TEST_CASE("a row of trials as CSV", "[reports][rivals]") {
  const TrialRow row{"a, b", "tool", 0.05, 14, 0.5, 200, 7, 2};
  CHECK(trials_line(row) == "\"a, b\",tool,0.05,14,0.5,200,7,2\n");
  const auto commas = [](const std::string& text) { return std::count(text.begin(), text.end(), ','); };
  CHECK(commas(trials_header()) + 1 == commas(trials_line(row)));
}

}  // namespace
}  // namespace crosstalk::reports
