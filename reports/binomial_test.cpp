#include "reports/binomial.h"

#include <catch2/catch.hpp>

namespace crosstalk::reports {
namespace {

TEST_CASE("the binomial distribution by hand", "[reports][binomial]") {
  CHECK(binomial_cdf(0, 2, 0.5) == Approx(0.25));
  CHECK(binomial_cdf(1, 2, 0.5) == Approx(0.75));
  CHECK(binomial_cdf(2, 2, 0.5) == 1);
  CHECK(binomial_cdf(0, 3, 0) == 1);
  CHECK(binomial_cdf(2, 3, 1) == 0);
  CHECK(binomial_cdf(2, 200, 0.01) == Approx(0.6767).margin(5e-4));  // near Poisson(2): 5 e^-2 = 0.6767
}

TEST_CASE("Clopper and Pearson's interval, closed forms and their own table", "[reports][binomial]") {
  const Span none = clopper_pearson(0, 10, 0.95);
  CHECK(none.low == 0);
  CHECK(none.high == Approx(1 - std::pow(0.025, 0.1)));  // (1 - p)^10 = 0.025
  const Span all = clopper_pearson(10, 10, 0.95);
  CHECK(all.low == Approx(std::pow(0.025, 0.1)));
  CHECK(all.high == 1);
  const Span half = clopper_pearson(5, 10, 0.95);
  CHECK(half.low == Approx(0.1871).margin(1e-4));
  CHECK(half.high == Approx(0.8129).margin(1e-4));
  const Span unknown = clopper_pearson(0, 0, 0.95);
  CHECK(unknown.low == 0);
  CHECK(unknown.high == 1);
}

TEST_CASE("the interval covers the truth at least as often as it says", "[reports][binomial]") {
  for (const double p : {0.01, 0.1, 0.37, 0.5}) {
    double covered = 0;
    for (std::uint64_t k = 0; k <= 50; ++k) {
      const Span span = clopper_pearson(k, 50, 0.95);
      const double chance = binomial_cdf(k, 50, p) - (k == 0 ? 0 : binomial_cdf(k - 1, 50, p));
      if (span.low <= p && p <= span.high) covered += chance;
    }
    CHECK(covered >= 0.95);
    CHECK(covered < 0.999);
  }
}

}  // namespace
}  // namespace crosstalk::reports
