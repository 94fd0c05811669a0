// How many pairs a gate needs, and what so many can show: for planning, not for verdicts.
//
// Of n pairs whose log-ratios have standard deviation s, a one-sided signed-rank test at `level` finds a loss that is `gap`
// above its margin with chance `power` where gap = (z(1 - level) + z(power)) s / sqrt(0.955 n): Lehmann (1975), 0.955 being
// the efficiency of ranks at normal noise. With heavier tails the ranks do better, if s is the robust deviation.
#pragma once

#include <cstddef>

namespace crosstalk::reports {

// The chance of finding a loss that "detectable" means in a gate.
inline constexpr double kGatePower = 0.9;

struct PowerQuestion {
  double deviation = 0.02;  // of one pair's log-ratio, at least 0
  double gap = 0.04;        // true loss less the margin, as log-ratios, above 0
  double level = 0.01;  // one-sided, of this hypothesis: of the gate over its scenarios (Holm's worst step)
  double power = kGatePower;
  std::size_t columns =
      1;  // metrics judged together: they only raise the fewest pairs that can show anything
};

// The smallest number of pairs that answers it, with a tenth more for looking several times; at least the fewest that can
// reach the level at all, and 12. Saturates at 1,000,000.
[[nodiscard]] std::size_t pairs_for(const PowerQuestion& question);

// The gap that so many pairs find: the inverse of pairs_for, without its bounds. `pairs` above 2.
[[nodiscard]] double gap_for(std::size_t pairs, double deviation, double level, double power = kGatePower);

}  // namespace crosstalk::reports
