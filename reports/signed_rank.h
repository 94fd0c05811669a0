// The signed-rank test of paired differences (Wilcoxon 1945), conditional on their sizes.
//
// Within a block the order of two strategies is a coin flip, so where both behave alike every difference has either sign
// with equal chance, whatever the noise: the null distribution is counted exactly over all patterns of signs. Ranks bound
// what a single wild pair can do, where a sum of differences is ruled by it. Ties share their mean rank; differences of 0
// keep their rank and belong to neither side (Pratt 1959).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace crosstalk::reports {

enum class Side : std::uint8_t { two_sided, greater };  // greater: the alternative is "above 0"

// Exact up to 200 differences, above them by the normal approximation with the variance of the ranks at hand. 1 for no
// differences.
[[nodiscard]] double signed_rank_p(std::span<const double> differences, Side side = Side::two_sided);

// Of the n (n + 1) / 2 sorted pairwise means, how many to leave out at each end of an interval that inverts the test:
// the largest k with P(W < k) <= tail. 0: there is none.
[[nodiscard]] std::size_t signed_rank_drop(std::size_t n, double tail);

// The smallest number of pairs of which a two-sided p-value can reach `level`: 2^(1 - n) <= level.
[[nodiscard]] std::size_t fewest_pairs(double level);

}  // namespace crosstalk::reports
