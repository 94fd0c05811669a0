#include "reports/cusum.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "reports/gate_test_help.h"

namespace crosstalk::reports {
namespace {

std::vector<DriftPoint> points_of(const std::vector<double>& losses, double error) {
  std::vector<DriftPoint> points;
  for (const double loss : losses) points.push_back({loss, error});
  return points;
}

TEST_CASE("limits of a cumulative sum agree with the exact ones", "[reports][drift]") {
  // The exact average run length is a linear system over 400 states (Brook and Evans 1972), solved with numpy for 500 runs.
  CHECK(cusum_limit(0.1, 500) == Approx(11.890).epsilon(0.015));
  CHECK(cusum_limit(0.25, 500) == Approx(7.267).epsilon(0.015));
  CHECK(cusum_limit(0.5, 500) == Approx(4.389).epsilon(0.015));
  CHECK(cusum_limit(1, 500) == Approx(2.323).epsilon(0.015));
  // Of a two-sided chart with limits 4 and 5 textbooks have 168 and 465 runs: one side errs half as often.
  CHECK(cusum_limit(0.5, 2 * 168) == Approx(4).epsilon(0.01));
  CHECK(cusum_limit(0.5, 2 * 465) == Approx(5).epsilon(0.01));
}

TEST_CASE("a cumulative sum by hand", "[reports][drift]") {
  // 0.01 is taken off each, in units of 0.01.
  const auto course =
      cusum(points_of({0.0, 0.02, 0.0, 0.025, 0.03, 0.03}, 0.01), {.drift = 0.02, .runs = 500});
  const std::vector<double> sums{0, 1, 0, 1.5, 3.5, 5.5};
  REQUIRE(course.sums.size() == sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) CHECK(course.sums[i] == Approx(sums[i]).margin(1e-12));
  CHECK(course.limit == Approx(cusum_limit(1, 500)));
  REQUIRE(course.alarm);
  CHECK(course.alarm->since == 3);
  CHECK(course.alarm->raised == 4);
}

TEST_CASE("without points there is nothing, with gains no alarm", "[reports][drift]") {
  CHECK_FALSE(cusum({}).alarm);
  CHECK_FALSE(cusum(points_of(std::vector<double>(300, -0.05), 0.01)).alarm);
  CHECK_FALSE(cusum(points_of(std::vector<double>(300, 0.0099), 0.001)).alarm);
}

TEST_CASE("one night that is off is no drift, however exact it says it is", "[reports][drift]") {
  std::vector<double> losses(20, 0.0);
  losses[7] = 0.03;
  CHECK_FALSE(cusum(points_of(losses, 0.0001)).alarm);
}

TEST_CASE("ten losses of half a per cent add up to an alarm", "[reports][drift]") {
  SyntheticNormal normal(3);
  std::vector<double> losses;
  for (int night = 0; night < 60; ++night) {
    const int commits = std::clamp(night - 20, 0, 10);
    losses.push_back(0.005 * commits + 0.005 * normal());
  }
  const auto course = cusum(points_of(losses, 0.005));
  REQUIRE(course.alarm);
  CHECK(course.alarm->since >= 20);
  CHECK(course.alarm->raised <= 30);
}

TEST_CASE("false alarms come about as seldom as asked for", "[reports][drift]") {
  constexpr double kRuns = 100;
  SyntheticNormal normal(9);
  double total = 0;
  constexpr int kSeries = 400;
  for (int series = 0; series < kSeries; ++series) {
    std::vector<double> losses(2'000);
    for (double& loss : losses) loss = 0.02 * normal();
    const auto course = cusum(points_of(losses, 0.02), {.drift = 0.02, .runs = kRuns});
    total += static_cast<double>(course.alarm ? course.alarm->raised + 1 : losses.size());
  }
  CHECK(total / kSeries > kRuns * 0.85);  // run lengths vary as much as their mean: 5 % of it over 400
  CHECK(total / kSeries < kRuns * 1.15);
}

}  // namespace
}  // namespace crosstalk::reports
