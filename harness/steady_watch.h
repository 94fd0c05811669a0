// Watches a warm-up until throughput is steady, as fio's `ss=` does: slope and deviation of the last second's samples are
// inside limits (reports/steady_state.h).
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "harness/pacer.h"
#include "harness/recorder.h"
#include "harness/start_line.h"
#include "harness/trial_input.h"
#include "harness/trial_report.h"
#include "reports/steady_state.h"

namespace crosstalk::harness {

class SteadyWatch {
 public:
  static constexpr std::uint64_t kSampleNs = 50'000'000;
  static constexpr std::size_t kWindow = 20;             // samples
  static constexpr std::uint64_t kNoticeNs = 5'000'000;  // until every thread knows that the phase changes

  // Both must outlive this.
  SteadyWatch(const TrialInput& input, const std::vector<std::unique_ptr<Recorder>>& recorders)
      : input_(input), recorders_(recorders) {}

  // Returns the instant at which measuring begins: when throughput is steady, at the latest after the longest warm-up, or
  // soon if the drivers have nothing left to do or the trial is to stop.
  std::uint64_t wait(std::uint64_t start, const StartLine& line, TrialReport& report) const {
    const Clock& clock = input_.clock;
    const Pacer pacer(clock, false, input_.stop);
    const std::uint64_t step = clock.to_ticks(static_cast<double>(kSampleNs));
    const std::uint64_t last = start + clock.to_ticks(static_cast<double>(input_.options.warmup_ns));
    std::vector<double> samples;
    std::uint64_t before = progress();
    std::uint64_t instant = start;
    report.never_steady = true;
    while (instant < last && !pacer.stopped() && !line.all_done()) {
      instant = std::max(pacer.wait_until(std::min(instant + step, last)), instant + 1);
      const std::uint64_t now = progress();
      samples.push_back(static_cast<double>(now - before));
      before = now;
      if (!is_steady(samples)) continue;
      report.never_steady = false;
      break;
    }
    return clock.now() + clock.to_ticks(static_cast<double>(kNoticeNs));
  }

  // Are the last samples inside the limits?
  [[nodiscard]] static bool is_steady(const std::vector<double>& samples) {
    if (samples.size() < kWindow) return false;
    const std::span<const double> window(samples.data() + (samples.size() - kWindow), kWindow);
    reports::SteadyLimits limits;
    limits.window = kWindow;
    return reports::find_steady_state(window, limits).has_value();
  }

 private:
  [[nodiscard]] std::uint64_t progress() const {
    std::uint64_t sum = 0;
    for (const auto& recorder : recorders_) sum += recorder->progress();
    return sum;
  }

  const TrialInput& input_;
  const std::vector<std::unique_ptr<Recorder>>& recorders_;
};

}  // namespace crosstalk::harness
