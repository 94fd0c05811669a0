// What clock, timer, scheduler and pacer of this machine can do, apart from any server.
//
// Each probe takes what it measures as arguments, so that a made-up clock gives known answers: a clock has now() in
// ticks and to_ns(ticks), as Clock. They run on the calling thread, allocate before they begin, and take as long as
// they are told; none can fail.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "reports/histogram.h"
#include "reports/paired.h"

namespace crosstalk::harness {

struct ClockProbe {
  double cost_ns = 0;        // of a reading, back to back: median over the slices
  double resolution_ns = 0;  // the smallest step seen between two readings in a row; 0: none was seen
};

template <class ClockLike>
[[nodiscard]] ClockProbe probe_clock(const ClockLike& clock, std::size_t slices, std::size_t readings) {
  std::vector<double> costs_ns;
  std::uint64_t smallest = std::numeric_limits<std::uint64_t>::max();
  for (std::size_t slice = 0; slice < slices; ++slice) {
    const std::uint64_t begin = clock.now();
    std::uint64_t last = begin;
    for (std::size_t i = 0; i < readings; ++i) last = clock.now();
    costs_ns.push_back(static_cast<double>(clock.to_ns(last - begin)) / static_cast<double>(readings));
    for (std::size_t i = 0; i < readings; ++i) {
      const std::uint64_t now = clock.now();
      if (now > last) smallest = std::min(smallest, now - last);
      last = now;
    }
  }
  // A step may be shorter than a nanosecond: a thousand of them are not.
  const bool stepped = smallest != std::numeric_limits<std::uint64_t>::max();
  return {.cost_ns = reports::median(costs_ns),
          .resolution_ns = stepped ? static_cast<double>(clock.to_ns(smallest * 1000)) / 1000 : 0};
}

// How much later than asked for a sleep ends: sleep(ns) `times` times. Nanoseconds.
template <class ClockLike, class Sleep>
[[nodiscard]] reports::Histogram probe_timer(const ClockLike& clock, Sleep&& sleep, std::uint64_t request_ns,
                                             std::size_t times) {
  reports::Histogram overshoot;
  for (std::size_t i = 0; i < times; ++i) {
    const std::uint64_t begin = clock.now();
    sleep(request_ns);
    const std::uint64_t slept_ns = clock.to_ns(clock.now() - begin);
    overshoot.record(slept_ns > request_ns ? slept_ns - request_ns : 0);
  }
  return overshoot;
}

// Times in which a thread that only reads the clock did not run: the kernel, the hypervisor or an interrupt had its
// processor.
struct GapProbe {
  std::uint64_t span_ns = 0;  // that was looked at
  double lost_share = 0;      // of it, in gaps
  reports::Histogram gaps;    // nanoseconds
};

inline constexpr std::uint64_t kGapNs = 10'000;  // a longer time between two readings is a gap

template <class ClockLike>
[[nodiscard]] GapProbe probe_gaps(const ClockLike& clock, std::uint64_t length_ns) {
  GapProbe probe;
  std::uint64_t lost_ns = 0;
  const std::uint64_t begin = clock.now();
  std::uint64_t last = begin;
  while (clock.to_ns(last - begin) < length_ns) {
    const std::uint64_t now = clock.now();
    const std::uint64_t step_ns = clock.to_ns(now - last);
    last = now;
    if (step_ns <= kGapNs) continue;
    probe.gaps.record(step_ns);
    lost_ns += step_ns;
  }
  probe.span_ns = clock.to_ns(last - begin);
  probe.lost_share =
      probe.span_ns == 0 ? 0 : static_cast<double>(lost_ns) / static_cast<double>(probe.span_ns);
  return probe;
}

// Gaps of a Poisson process, as shares of their mean.
[[nodiscard]] inline std::vector<double> poisson_gaps(std::size_t n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<double> gaps(n);
  for (double& gap : gaps) gap = -std::log1p(-std::ldexp(static_cast<double>(random() >> 11), -53));
  return gaps;
}

// What lateness an open loop has whose operations do nothing, all on this thread: as a row's `lateness`, start - max(intended,
// end of the operation before). `wait_until` returns the present instant once the one given has come, as
// Pacer::wait_until. Nanoseconds.
template <class ClockLike, class WaitUntil>
[[nodiscard]] reports::Histogram probe_pacing(const ClockLike& clock, WaitUntil&& wait_until,
                                              double mean_gap_ticks, std::size_t operations,
                                              const std::vector<double>& gaps) {
  reports::Histogram lateness;
  const std::uint64_t begin = clock.now();
  std::uint64_t free_since = begin;
  double after_begin = 0;
  for (std::size_t i = 0; i < operations; ++i) {
    after_begin += gaps[i % gaps.size()] * mean_gap_ticks;
    const std::uint64_t intended = begin + static_cast<std::uint64_t>(after_begin);
    const std::uint64_t start = wait_until(intended);
    const std::uint64_t due = std::max(intended, free_since);
    lateness.record(clock.to_ns(start > due ? start - due : 0));
    free_since = clock.now();
  }
  return lateness;
}

}  // namespace crosstalk::harness
