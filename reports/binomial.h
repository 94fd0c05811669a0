// What k successes in n trials say of the chance of success.
#pragma once

#include <cstdint>

#include "reports/paired.h"

namespace crosstalk::reports {

// P(X <= k) of n trials with chance p, summed exactly (log-gamma). k <= n, p in [0, 1].
[[nodiscard]] double binomial_cdf(std::uint64_t k, std::uint64_t n, double p);

// The exact interval of Clopper and Pearson (1934): each end is the chance at which so few, or so many, successes have
// probability (1 - confidence) / 2. {0, 1} for no trials.
[[nodiscard]] Span clopper_pearson(std::uint64_t successes, std::uint64_t trials, double confidence);

}  // namespace crosstalk::reports
