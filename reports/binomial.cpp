#include "reports/binomial.h"

#include <algorithm>
#include <cmath>

namespace crosstalk::reports {

namespace {

// The chance p at which `falling(p)` reaches `target`; falling is a falling function of p.
template <class Falling>
double chance_where(double target, Falling&& falling) {
  double low = 0;
  double high = 1;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (falling(middle) > target ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

double binomial_cdf(std::uint64_t k, std::uint64_t n, double p) {
  if (k >= n || p <= 0) return 1;
  if (p >= 1) return 0;
  const double trials = static_cast<double>(n);
  double sum = 0;
  for (std::uint64_t i = 0; i <= k; ++i) {
    const double hits = static_cast<double>(i);
    sum += std::exp(std::lgamma(trials + 1) - std::lgamma(hits + 1) - std::lgamma(trials - hits + 1) +
                    hits * std::log(p) + (trials - hits) * std::log1p(-p));
  }
  return std::min(1.0, sum);
}

Span clopper_pearson(std::uint64_t successes, std::uint64_t trials, double confidence) {
  const double tail = (1 - confidence) / 2;
  Span span{0, 1};
  if (successes > 0) {
    span.low = chance_where(1 - tail, [&](double p) { return binomial_cdf(successes - 1, trials, p); });
  }
  if (successes < trials)
    span.high = chance_where(tail, [&](double p) { return binomial_cdf(successes, trials, p); });
  return span;
}

}  // namespace crosstalk::reports
