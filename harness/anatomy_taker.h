// Hands out what the calling thread's locks cost since the last time, operation by operation, and gathers the maxima.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "harness/live_probe.h"
#include "harness/lock_times.h"
#include "harness/trial_report.h"

namespace crosstalk::harness {

class AnatomyTaker {
 public:
  [[nodiscard]] bool on() const noexcept { return LiveProbe::measures(); }

  // Right before the operation. What else the thread did with locks meanwhile is not the operation's.
  void begin() noexcept { before_ = LockTimes::mine().totals(); }
  // Right after it. `measured`: it counts.
  LockTotals end(bool measured) noexcept {
    LockTimes& times = LockTimes::mine();
    if (measured)
      maxima_.raise_to({times.wait_max_ticks(), times.writer_wait_max_ticks(), times.bypass_max()});
    times.forget_maxima();
    return times.totals() - before_;
  }

  void merge_into(LockMaxima& all) const noexcept { all.raise_to(maxima_); }

 private:
  LockTotals before_;
  LockMaxima maxima_;
};

// What measuring one locked section costs, in ticks: the median of some uncontended ones. Leaves no trace in the calling
// thread's maxima.
[[nodiscard]] inline double section_cost_ticks(const Clock& clock) {
  constexpr int kRounds = 15;
  constexpr int kSections = 1'000;
  std::array<std::uint64_t, kRounds> measured{};
  for (std::uint64_t& round : measured) {
    LiveProbe probe;
    const std::uint64_t begin = clock.now();
    for (int i = 0; i < kSections; ++i) {
      probe.before(pool::Access::exclusive);
      probe.acquired(pool::Access::exclusive);
      probe.released(pool::Access::exclusive);
    }
    round = clock.now() - begin;
  }
  LockTimes::mine().forget_maxima();
  std::nth_element(measured.begin(), measured.begin() + kRounds / 2, measured.end());
  return static_cast<double>(measured[kRounds / 2]) / kSections;
}

}  // namespace crosstalk::harness
