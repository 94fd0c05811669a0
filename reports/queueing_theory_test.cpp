#include <catch2/catch.hpp>

#include <cmath>

#include "reports/histogram.h"
#include "reports/queueing_theory.h"

namespace crosstalk::reports::theory {
namespace {

// Erlang's alternating sum, usable for a few services only.
double erlang_md1_cdf(double lambda, double d, double t) {
  double sum = 0, factorial = 1;
  for (int k = 0; k <= static_cast<int>(t / d); ++k) {
    if (k > 0) factorial *= k;
    const double rest = lambda * (t - k * d);
    sum += std::pow(-rest, k) / factorial * std::exp(rest);
  }
  return (1 - lambda * d) * sum;
}

TEST_CASE("Erlang's C agrees with published values", "[reports][queueing]") {
  CHECK(erlang_c(1, 0.7) == Approx(0.7));
  CHECK(erlang_c(2, 1) == Approx(1.0 / 3));  // 2 servers, load 1: 2 rho^2 / (1 + rho)
  CHECK(erlang_c(2, 1.6) == Approx(2 * 0.64 / 1.8));
  CHECK(erlang_c(4, 2) == Approx(0.173913).epsilon(1e-5));  // 4/23
}

TEST_CASE("quantiles of the response invert its tail", "[reports][queueing]") {
  for (const double p : {0.5, 0.9, 0.99, 0.999}) {
    for (const double lambda : {1.0, 50.0, 90.0}) {
      CHECK(mmc_response_quantile(1, lambda, 100, p) == Approx(mm1_response_quantile(lambda, 100, p)));
      for (const int c : {2, 4, 16}) {
        const double t = mmc_response_quantile(c, lambda * c, 100, p);
        CHECK(mmc_response_tail(c, lambda * c, 100, t) == Approx(1 - p));
      }
    }
  }
  // c mu - lambda = mu, where the general formula divides by 0.
  CHECK(mmc_response_tail(2, 100, 100, 0.02) ==
        Approx(mmc_response_tail(2, 100.0001, 100, 0.02)).epsilon(1e-4));
  CHECK(mmc_response_quantile(64, 1, 100, 0.99) == Approx(std::log(100.0) / 100));  // nobody waits
}

TEST_CASE("the capacity is where the quantile is the limit", "[reports][queueing]") {
  CHECK(mmc_capacity(1, 1000, 0.99, 0.01) == Approx(1000 - std::log(100.0) / 0.01));
  for (const int c : {1, 2, 4}) {
    const double lambda = mmc_capacity(c, 1000, 0.99, 0.008);
    CHECK(mmc_response_quantile(c, lambda, 1000, 0.99) == Approx(0.008));
  }
  CHECK(mmc_capacity(4, 1000, 0.99, 0.004) == 0);  // the slowest hundredth of the services takes 4.6 ms
}

TEST_CASE("the wait of M/D/1 follows Erlang's sum where that has digits", "[reports][queueing]") {
  for (const double load : {0.1, 0.5, 0.9}) {
    Md1Wait wait(load / 0.002, 0.002);
    for (double t = 0; t < 0.012; t += 0.0007) {
      INFO("load " << load << " t " << t);
      CHECK(wait.cdf(t) == Approx(erlang_md1_cdf(load / 0.002, 0.002, t)).epsilon(1e-9));
    }
  }
}

TEST_CASE("the wait of M/D/1 is a distribution with Pollaczek's mean, up to a load of 0.9",
          "[reports][queueing]") {
  for (const double load : {0.2, 0.6, 0.9}) {
    Md1Wait wait(load, 1);
    double mean = 0, last = 0;
    const double step = 0.01;
    for (double t = step / 2; t < 120; t += step) {
      const double now = wait.cdf(t);
      REQUIRE(now >= last - 1e-12);
      REQUIRE(now <= 1);
      mean += (1 - now) * step;
      last = now;
    }
    INFO("load " << load);
    CHECK(1 - last < 1e-8);
    CHECK(mean == Approx(wait.mean()).epsilon(1e-3));
    CHECK(wait.quantile(0.05) == 0);
    CHECK(wait.cdf(wait.quantile(0.99)) == Approx(0.99));
  }
}

TEST_CASE("the recursion yields what theory says", "[reports][queueing]") {
  constexpr int kArrivals = 400'000;
  TheoryRandom random(1);
  for (const int c : {1, 2, 4}) {
    Waiting queue(c);
    Histogram response;
    int waited = 0;
    for (int i = 0; i < kArrivals; ++i) {
      const double service_s = random.exponential(1000);
      const double wait_s = queue.next(random.exponential(700.0 * c), service_s);
      waited += wait_s > 0 ? 1 : 0;
      response.record(static_cast<std::uint64_t>((wait_s + service_s) * 1e9));
    }
    INFO("servers " << c);
    CHECK(waited / double{kArrivals} == Approx(erlang_c(c, 0.7 * c)).epsilon(0.03));
    for (const double p : {0.5, 0.9, 0.99})
      CHECK(static_cast<double>(response.percentile_of_few(p)) * 1e-9 ==
            Approx(mmc_response_quantile(c, 700.0 * c, 1000, p)).epsilon(0.06));
  }
  Waiting queue(1);
  Histogram waits;
  for (int i = 0; i < kArrivals; ++i)
    waits.record(static_cast<std::uint64_t>(queue.next(random.exponential(800), 0.001) * 1e9));
  Md1Wait theory(800, 0.001);
  for (const double p : {0.5, 0.9, 0.99})
    CHECK(static_cast<double>(waits.percentile_of_few(p)) * 1e-9 == Approx(theory.quantile(p)).epsilon(0.06));
}

}  // namespace
}  // namespace crosstalk::reports::theory
