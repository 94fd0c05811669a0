// The sign-flip randomisation test (Fisher 1935, section 21) of several metrics of the same pairs.
//
// The order within a pair is a coin flip, so under "no worse than the margin" a pair's losses less the margin keep or turn
// their signs, all metrics together, with equal chance: nothing else is assumed of the noise, neither its shape nor that
// pairs do not depend on each other. The statistic of a metric is the sum of its pairs' scores, which are the losses less the
// margin clipped at 1.25 times their median size (Huber 1964): a wild pair counts little more than any other, where ranks give
// it the most. It is divided by the most that it could be, so that metrics can be compared, and so that each metric reaches
// 1 where all its pairs are worse. Values at the margin take no side. Scores depend on the sizes alone, which flipping
// leaves alone, so the test is as exact with them as with any.
//
// Up to 16 pairs all patterns of signs are counted; above, `count` random ones of the seed: p = (1 + hits) / (1 + count)
// (Phipson and Smyth 2010), never 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace crosstalk::reports {

inline constexpr std::size_t kFlipsCountedUpTo = 16;

// A column per metric, all of the same length; what was not measured in a pair is NaN and has no score.
using LossColumns = std::vector<std::vector<double>>;

struct FlipPatterns {
  std::uint64_t seed = 1;
  std::size_t count = 9'999;
};

// So many random patterns that a p-value at `boundary` is made of 20 of them: (1 + count) boundary >= 20, so that chance
// seldom carries a p-value over it. At least 9,999, at most 4,194,303, which serves boundaries from 5e-6 on.
[[nodiscard]] std::size_t patterns_for(double boundary);

// One-sided p-values of "the losses of this column lie above its margin" (a log-ratio), adjusted for each other by step-down
// maxT (Westfall and Young 1993, algorithm 2.8): whichever of the columns are not above, the chance that any of those has a
// p-value of at most x is at most x. In the order of the columns.
//
// `fewest`: columns of which fewer pairs take a side are left out, and have 1, unless no column has as many. One pattern in 2^k brings a column of k pairs
// to its most, and with it the largest of all, so that a column of few pairs would keep every other from a small p-value. What is left
// out depends on sizes alone, which flipping leaves alone.
[[nodiscard]] std::vector<double> max_t_p(const LossColumns& columns, std::span<const double> margins,
                                          FlipPatterns patterns = {}, std::size_t fewest = 1);

// For a control of one program against itself: the chance that any column lies so far from 0, on either side. 1 where all are left out.
[[nodiscard]] double control_p(const LossColumns& columns, FlipPatterns patterns = {},
                               std::size_t fewest = 1);

// The fewest pairs of which the p-values of so many columns can reach `level` however the columns depend on each other: each
// column has a pattern of its own that beats all others, so that columns / 2^pairs <= level has to hold.
[[nodiscard]] std::size_t fewest_flipped_pairs(double level, std::size_t columns = 1);

}  // namespace crosstalk::reports
