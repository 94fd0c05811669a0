// The smallest difference that a comparison of pairs could have shown.
#pragma once

#include <optional>
#include <span>

namespace crosstalk::reports {

// The chance of finding it that "detectable" means.
inline constexpr double kPower = 0.8;

// x with P(Z <= x) = p of the standard normal distribution, p in (0, 1).
[[nodiscard]] double normal_quantile(double p);

// Standard deviation (n - 1). 0 for fewer than two.
[[nodiscard]] double deviation(std::span<const double> values);

// What the standard deviation is where one wild pair counts no more than any other: 1.4826 times the median distance from
// the median. 0 for none.
[[nodiscard]] double robust_deviation(std::span<const double> values);

// The minimum detectable effect: the shift of the differences that the signed-rank test at `level`, two-sided, finds with
// chance `power`. The test rejects where its interval excludes 0, so the shift has to be half the length of that interval
// plus what its ends vary by, z(power) times half the length over z(1 - level/2). Both come from the differences as they
// are, so that wild pairs weigh here as they do in the test; where the tails are heaviest the chance is nearer two of
// three (detectable_test.cpp). Empty: at this level so few pairs could have shown nothing.
[[nodiscard]] std::optional<double> detectable(std::span<const double> differences, double level,
                                               double power = kPower);

}  // namespace crosstalk::reports
