// THE home of paired statistics: pure functions of one value per block and strategy.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace crosstalk::reports {

// ln(a[i] / b[i]). Both spans have the same length and hold positive values only.
[[nodiscard]] std::vector<double> log_ratios(std::span<const double> a, std::span<const double> b);

// Two-sided p-value of the sign-flip randomisation test of "symmetric about 0" (Fisher 1935, section 21), statistic
// |sum|. Exact by enumeration up to 16 differences; above, 65,536 random sign patterns of a fixed seed, the observed
// one counted among them. 1 for no differences.
[[nodiscard]] double sign_flip_p(std::span<const double> differences);

// Median of all pairwise means (Hodges and Lehmann 1963). 0 for no differences.
[[nodiscard]] double hodges_lehmann(std::span<const double> differences);

struct Span {
  double low = 0;
  double high = 0;
};

// Interval that inverts the Wilcoxon signed-rank test: exact null distribution, coverage at least `confidence`. Empty
// where there are too few differences for it (fewer than 6 for 95 %).
[[nodiscard]] std::optional<Span> hodges_lehmann_interval(std::span<const double> differences,
                                                          double confidence);

// Step-down adjustment for testing several hypotheses (Holm 1979): adjusted p-values in the order given.
[[nodiscard]] std::vector<double> holm(std::span<const double> p);

// The same for families of hypotheses, each with p-values that are already adjusted within the family: a p-value is
// multiplied by the number of families that are not yet rejected whole. A family whose first hypothesis alone is rejected
// has to go on counting: those left in it may still err.
[[nodiscard]] std::vector<std::vector<double>> holm_of_families(std::span<const std::vector<double>> p);

[[nodiscard]] double median(std::vector<double> values);

// Jain's fairness index (sum x)^2 / (n sum x^2): 1 = all equal, 1/n = one has everything. 1 for no values.
[[nodiscard]] double jain(std::span<const double> values);

}  // namespace crosstalk::reports
