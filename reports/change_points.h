// Where a series changed: hierarchical e-divisive (Matteson and James 2014), which asks nothing of the distribution.
//
// The distance of two stretches is the energy statistic of Szekely and Rizzo with exponent 1: twice the mean distance of
// a value of one from one of the other, less the mean distances within each, times mn / (m + n). The place where a stretch
// and the one after it differ most is a change if of random orders of the series, searched in the same way, few have one
// that differs as much. Two things that others leave out are in that "few": the order observed is counted among the random
// ones, p = (1 + hits) / (1 + orders) (Phipson and Smyth 2010), so that p is never 0; and the random orders are searched
// for their best place too, so that the choice of the place is paid for.
// Several series: give each `level` over their number, or adjust the p-values of their first changes (paired.h, holm).
// A series whose values depend on the ones before them looks changed where it is not: see lag_one().
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace crosstalk::reports {

struct ChangeRules {
  std::size_t shortest = 3;  // values of a segment, at least 2
  double level = 0.01;       // of each change; below 1 / (orders + 1) nothing is ever found
  std::size_t orders = 999;
  std::uint64_t seed = 1;
};

struct ChangePoint {
  std::size_t at = 0;  // the first value of the new segment
  double p = 1;
  double before = 0, after = 0;  // medians of the segments on both sides
};

// In the order of the series. Time and memory grow with the square of its length. Throws std::invalid_argument for rules that can find nothing, and for values that are not finite.
[[nodiscard]] std::vector<ChangePoint> change_points(std::span<const double> values, ChangeRules rules = {});

// A stretch [begin, middle) against the one after it, [middle, end).
struct Split {
  std::size_t begin = 0, middle = 0, end = 0;
  double distance = 0;
};
// The split of the largest distance; all zero where the series is too short for two segments.
[[nodiscard]] Split best_split(std::span<const double> values, std::size_t shortest);

// Correlation of each value with the one before it, about the mean. 0 for fewer than three values and for equal ones.
[[nodiscard]] double lag_one(std::span<const double> values);

}  // namespace crosstalk::reports
