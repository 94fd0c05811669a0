#include <catch2/catch.hpp>

#include <cmath>
#include <random>
#include <vector>

#include "reports/usl.h"

namespace crosstalk::reports {
namespace {

UslFit usl_truth(double lambda, double sigma, double kappa) {
  UslFit fit;
  fit.lambda_ops_s = lambda;
  fit.sigma = sigma;
  fit.kappa = kappa;
  return fit;
}

// `scatter`: standard deviation of ln X.
std::vector<UslPoint> usl_points(const UslFit& truth, std::vector<double> threads, int replicates,
                                 double scatter, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> noise(0, 1);
  std::vector<UslPoint> points;
  for (const double n : threads) {
    for (int i = 0; i < replicates; ++i)
      points.push_back({n, truth.at(n) * std::exp(scatter * noise(random))});
  }
  return points;
}

TEST_CASE("exact points give back their law", "[reports][usl]") {
  for (const auto& [lambda, sigma, kappa] : {std::tuple{1e5, 0.05, 0.004},
                                             {3.0, 0.4, 0.02},
                                             {1e6, 0.0, 0.01},
                                             {1e6, 0.2, 0.0},
                                             {1e6, 0.0, 0.0},
                                             {1e5, 0.98, 0.5},
                                             {1e5, 1.5, 0.2}}) {
    const auto fit = fit_usl(usl_points(usl_truth(lambda, sigma, kappa), {1, 2, 3, 4, 6, 8}, 1, 0, 1));
    REQUIRE(fit);
    INFO("lambda " << lambda << " sigma " << sigma << " kappa " << kappa);
    CHECK(fit->lambda_ops_s == Approx(lambda).epsilon(1e-6));
    CHECK(fit->sigma == Approx(sigma).margin(1e-6));
    CHECK(fit->kappa == Approx(kappa).margin(1e-6));
    CHECK(fit->scatter < 1e-6);
  }
}

TEST_CASE("the peak is where the law has its maximum", "[reports][usl]") {
  const UslFit truth = usl_truth(1e5, 0.05, 0.004);
  const auto fit = fit_usl(usl_points(truth, {1, 2, 4, 8, 16, 32}, 2, 0, 1));
  REQUIRE(fit);
  CHECK(fit->peak_n == Approx(std::sqrt(0.95 / 0.004)));
  CHECK(fit->peak_ops_s == Approx(truth.at(fit->peak_n)));
  CHECK(truth.at(fit->peak_n) > truth.at(fit->peak_n * 1.05));
  CHECK(truth.at(fit->peak_n) > truth.at(fit->peak_n * 0.95));
  CHECK_FALSE(fit->extrapolated);
  const auto narrow = fit_usl(usl_points(truth, {1, 2, 4, 8}, 2, 0, 1));
  CHECK(narrow->peak_n == Approx(fit->peak_n));
  CHECK(narrow->extrapolated);
}

TEST_CASE("without coherency cost there is no peak, with sigma above 1 it is at one thread",
          "[reports][usl]") {
  const auto amdahl = fit_usl(usl_points(usl_truth(1e5, 0.25, 0), {1, 2, 4, 8}, 2, 0, 1));
  REQUIRE(amdahl);
  CHECK(amdahl->peak_n > 1000);  // infinite but for rounding
  CHECK(amdahl->peak_ops_s == Approx(4e5).epsilon(0.01));
  CHECK(amdahl->extrapolated);
  const auto falling = fit_usl(usl_points(usl_truth(1e5, 2, 0.1), {1, 2, 4, 8}, 2, 0, 1));
  REQUIRE(falling);
  CHECK(falling->peak_n == 1);
  CHECK(falling->peak_ops_s == Approx(1e5));
  CHECK_FALSE(falling->extrapolated);
}

TEST_CASE("more than linear is no law of this kind: both costs end at 0", "[reports][usl]") {
  const std::vector<UslPoint> points{{1, 100}, {2, 220}, {4, 500}, {8, 1100}};
  const auto fit = fit_usl(points);
  REQUIRE(fit);
  CHECK(fit->sigma == 0);
  CHECK(fit->kappa == 0);
  CHECK(std::isinf(fit->peak_n));
}

// Nine in ten of the intervals called 95 %, at least: with few points and bounds no bootstrap is exact.
TEST_CASE("intervals hold the truth in 200 noisy data sets", "[reports][usl]") {
  const double sigma = 0.1, kappa = 0.02, lambda = 1e5;
  const double peak = std::sqrt((1 - sigma) / kappa);
  int with_lambda = 0, with_sigma = 0, with_kappa = 0, with_peak = 0;
  double error = 0;
  for (unsigned seed = 0; seed < 200; ++seed) {
    const auto fit = fit_usl(usl_points(usl_truth(lambda, sigma, kappa), {1, 2, 4, 6, 8, 12}, 3, 0.1, seed));
    REQUIRE(fit);
    REQUIRE(fit->intervals);
    const auto holds_truth = [](const Span& span, double truth) {
      return span.low <= truth && truth <= span.high ? 1 : 0;
    };
    with_lambda += holds_truth(fit->intervals->lambda_ops_s, lambda);
    with_sigma += holds_truth(fit->intervals->sigma, sigma);
    with_kappa += holds_truth(fit->intervals->kappa, kappa);
    with_peak += holds_truth(fit->intervals->peak_n, peak);
    error += std::abs(fit->scatter - 0.1) / 200;
  }
  CHECK(with_lambda >= 178);
  CHECK(with_sigma >= 178);
  CHECK(with_kappa >= 178);
  CHECK(with_peak >= 178);
  CHECK(error < 0.03);
}

TEST_CASE("intervals narrow with less noise and are the same each time", "[reports][usl]") {
  const UslFit truth = usl_truth(1e5, 0.1, 0.02);
  const auto loud = fit_usl(usl_points(truth, {1, 2, 4, 8}, 4, 0.2, 5));
  const auto quiet = fit_usl(usl_points(truth, {1, 2, 4, 8}, 4, 0.01, 5));
  REQUIRE(loud);
  REQUIRE(quiet);
  const auto width = [](const Span& span) { return span.high - span.low; };
  CHECK(width(quiet->intervals->sigma) * 3 < width(loud->intervals->sigma));
  CHECK(width(quiet->intervals->lambda_ops_s) * 3 < width(loud->intervals->lambda_ops_s));
  const auto again = fit_usl(usl_points(truth, {1, 2, 4, 8}, 4, 0.2, 5));
  CHECK(again->intervals->peak_n.high == loud->intervals->peak_n.high);
  CHECK(again->intervals->sigma.low == loud->intervals->sigma.low);
}

// The same points and numbers stand in scripts/tests/test_usl.py: the plots fit what the program fits.
TEST_CASE("scattered points give what the plots fit", "[reports][usl]") {
  const std::vector<UslPoint> points{{1, 1.02e6}, {1, 0.97e6}, {2, 1.71e6}, {2, 1.83e6},
                                     {4, 2.66e6}, {4, 2.51e6}, {8, 2.74e6}, {8, 2.98e6}};
  const auto fit = fit_usl(points);
  REQUIRE(fit);
  CHECK(fit->lambda_ops_s == Approx(999215.1261).epsilon(1e-6));
  CHECK(fit->sigma == Approx(0.1008492808).epsilon(1e-6));
  CHECK(fit->kappa == Approx(0.01957108453).epsilon(1e-6));
  CHECK(fit->peak_n == Approx(6.778112951).epsilon(1e-6));
}

TEST_CASE("too little to fit is no fit", "[reports][usl]") {
  CHECK_FALSE(fit_usl({}));
  CHECK_FALSE(fit_usl(std::vector<UslPoint>{{1, 10}, {2, 18}, {1, 11}, {2, 19}}));
  CHECK_FALSE(fit_usl(std::vector<UslPoint>{{1, 10}, {2, 18}, {4, 0}}));
  CHECK_FALSE(fit_usl(std::vector<UslPoint>{{0.5, 10}, {2, 18}, {4, 30}}));
  const auto bare = fit_usl(std::vector<UslPoint>{{1, 10}, {2, 18}, {4, 30}});
  REQUIRE(bare);
  CHECK_FALSE(bare->intervals);
}

}  // namespace
}  // namespace crosstalk::reports
