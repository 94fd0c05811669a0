// What one trial says of throughput: the median of short slices of its measured phase.
//
// A trial that was preempted, or lost a slice of time to somebody else, has a mean that says so and a median that does
// not: of the trials of one strategy the medians lie closer together. What the server itself does for longer than half of
// the time moves both. How far they are apart is told beside them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "reports/recorded_trial.h"

namespace crosstalk::reports {

struct TypicalRate {
  double ops_s = 0;
  std::uint64_t slice_ns =
      0;  // 0: there are no slices to take a median of, and this is the mean of the trial
  std::size_t slices = 0;
};

// Slices are those of the interval series, joined until half of them hold at least 100 operations, so that a count does
// not round the rate; the last one, which may be shorter, is left out. The mean where there are fewer than 5.
[[nodiscard]] TypicalRate typical_rate(const RecordedTrial& trial);

}  // namespace crosstalk::reports
