#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "reports/steady_state.h"

namespace crosstalk::reports {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const SteadyLimits kLimits{.window = 10, .slope_pct = 5, .deviation_pct = 20, .leaving_factor = 1.5};

template <class F>
std::vector<double> series(std::size_t n, F&& value) {
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(value(static_cast<double>(i)));
  return values;
}

TEST_CASE("the shape of a window is that of its least-squares line", "[reports][steady_state]") {
  const WindowShape line = window_shape(std::vector<double>{8, 9, 10, 11, 12});
  CHECK(line.mean == Approx(10));
  CHECK(line.slope_pct == Approx(50));  // 1 per interval, 5 intervals, mean 10
  CHECK(line.deviation_pct == Approx(20));
  CHECK(window_shape(std::vector<double>{12, 11, 10, 9, 8}).slope_pct == Approx(-50));
  CHECK(window_shape(std::vector<double>{5, 5, 5}).slope_pct == 0);
  CHECK(window_shape({}).slope_pct == kInfinity);
  CHECK(window_shape(std::vector<double>{0, 0}).deviation_pct == kInfinity);
  CHECK(window_shape(std::vector<double>{1, std::nan("")}).deviation_pct == kInfinity);
}

TEST_CASE("a constant is steady from its first interval and never left", "[reports][steady_state]") {
  const auto state = find_steady_state(std::vector<double>(30, 1000), kLimits);
  REQUIRE(state);
  CHECK(state->entered == 0);
  CHECK(state->mean == Approx(1000));
  CHECK_FALSE(state->left);
  CHECK_FALSE(find_steady_state(std::vector<double>(9, 1000), kLimits));
  CHECK(find_steady_state(std::vector<double>(10, 1000), kLimits));
}

TEST_CASE("nothing is not steady", "[reports][steady_state]") {
  CHECK_FALSE(find_steady_state({}, kLimits));
  CHECK_FALSE(find_steady_state(std::vector<double>(30, 0), kLimits));
}

TEST_CASE("a ramp is entered where it ends", "[reports][steady_state]") {
  const auto ramp = series(60, [](double i) { return std::min(50 * (i + 1), 1000.0); });  // level from 19 on
  const auto state = find_steady_state(ramp, kLimits);
  REQUIRE(state);
  // The window may hold the end of the ramp as far as the limits allow: a few intervals, not more.
  CHECK(state->entered >= 15);
  CHECK(state->entered <= 19);
  CHECK_FALSE(state->left);
  const auto endless = series(60, [](double i) { return 100 * (i + 1); });
  // Its last window still rises by 18 % of its mean.
  CHECK_FALSE(find_steady_state(endless, kLimits));
}

TEST_CASE("a step leaves at the interval of the step", "[reports][steady_state]") {
  for (const double after : {500.0, 2000.0, 0.0}) {
    const auto step = series(60, [after](double i) { return i < 35 ? 1000.0 : after; });
    const auto state = find_steady_state(step, kLimits);
    REQUIRE(state);
    INFO("step to " << after);
    CHECK(state->entered == 0);
    REQUIRE(state->left);
    CHECK(*state->left == 35);
  }
}

TEST_CASE("a step before any steady window only delays", "[reports][steady_state]") {
  const auto step = series(60, [](double i) { return i < 5 ? 100.0 : 1000.0; });
  const auto state = find_steady_state(step, kLimits);
  REQUIRE(state);
  CHECK(state->entered == 5);
  CHECK_FALSE(state->left);
}

TEST_CASE("a slow creep is left although each window looks steady", "[reports][steady_state]") {
  const auto creep = series(200, [](double i) { return 1000 * std::pow(0.996, i); });  // 4 % a window
  const SteadyLimits limits = kLimits;
  const auto state = find_steady_state(creep, limits);
  REQUIRE(state);
  CHECK(state->entered == 0);
  REQUIRE(state->left);
  // 30 % below the first window's mean: ln(0.7) / ln(0.996) = the window that begins at 89.
  CHECK(*state->left == 98);
}

TEST_CASE("noise inside the limits stays steady, noise beyond them never is", "[reports][steady_state]") {
  std::size_t left = 0;
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> quiet(1000, 10);
    std::uniform_real_distribution<double> loud(0, 2000);
    const auto calm = find_steady_state(series(100, [&](double) { return quiet(random); }), kLimits);
    REQUIRE(calm);
    CHECK(calm->entered == 0);
    left += calm->left ? 1 : 0;
    CHECK_FALSE(find_steady_state(series(100, [&](double) { return loud(random); }), kLimits));
  }
  CHECK(left == 0);
}

TEST_CASE("an oscillation has no slope over its period, and is told by its deviation",
          "[reports][steady_state]") {
  const auto wave = series(100, [](double i) { return 1000 + 300 * std::sin(2 * std::acos(-1.0) * i / 5); });
  CHECK_FALSE(find_steady_state(wave, kLimits));
  SteadyLimits slope_only = kLimits;
  slope_only.slope_pct = 40;
  slope_only.deviation_pct = kInfinity;
  CHECK(find_steady_state(wave, slope_only));
  const auto ripple = series(100, [](double i) { return 1000 + (std::fmod(i, 2) < 1 ? 50 : -50); });
  CHECK(find_steady_state(ripple, kLimits));
}

TEST_CASE("the limits for leaving are the wider ones", "[reports][steady_state]") {
  // One interval that is 25 % off: outside the limit for entering (20 %), inside the one for leaving (30 %).
  const auto dip = series(40, [](double i) { return i == 20 ? 740.0 : 1000.0; });
  SteadyLimits limits = kLimits;
  limits.slope_pct = kInfinity;
  CHECK_FALSE(find_steady_state(dip, limits)->left);
  limits.leaving_factor = 1;
  CHECK(find_steady_state(dip, limits)->left.value() == 20);
}

}  // namespace
}  // namespace crosstalk::reports
