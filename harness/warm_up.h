// The phases of a trial as the thread that watches it sees them: how long the warm-up lasts, how long was measured.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "harness/pacer.h"
#include "harness/recorder.h"
#include "harness/start_line.h"
#include "harness/steady_watch.h"
#include "harness/trial_input.h"
#include "harness/trial_meter.h"
#include "harness/trial_report.h"
#include "harness/window.h"

namespace crosstalk::harness {

struct WarmUp {
  const TrialInput& input;
  const std::vector<std::unique_ptr<Recorder>>& recorders;
  const StartLine& line;
  WindowSwitch& news;  // told when measuring begins, where that is not known yet
};

// Waits for the end of the warm-up and returns the window as it is known then; the drivers find out for themselves. What the
// machine does counts from there on.
inline Window warm_up(const WarmUp& trial, Window window, TrialMeter& meter, TrialReport& report) {
  constexpr double kPrepareNs = 1e6;
  const TrialInput& input = trial.input;
  report.warmup_ns = input.options.warmup_ns;
  // In virtual time the driver alone moves the clock.
  if (input.options.warmup_ns == 0 || input.clock.virtual_time() != nullptr) return window;
  const Pacer pacer(input.clock, false, input.stop);
  if (input.options.steady) {
    const SteadyWatch watch(input, trial.recorders);
    trial.news.announce(watch.wait(window.start, trial.line, report));
    trial.news.inform(window);
  }
  report.warmup_ns = input.clock.to_ns(window.measure - window.start);
  pacer.wait_until(window.measure - std::min(window.measure, input.clock.to_ticks(kPrepareNs)));
  meter.prepare();
  pacer.wait_until(window.measure);
  return window;
}

// How long was measured with a clock reading per operation. `last`: the end of the last one.
inline std::uint64_t timed_ticks(const Window& window, std::uint64_t last, bool interrupted) noexcept {
  const bool whole = window.end != Window::kNever && !interrupted;
  const std::uint64_t end = whole ? window.end : std::min(last, window.end);
  return end <= window.measure ? 0 : end - window.measure;
}

// How long drivers counted without such readings, each from one of its few readings to its last: in a given time so long on
// average, a given number of operations from the first driver's to the last one's.
inline std::uint64_t counted_ticks(const WarmUp& trial, const Window& window,
                                   const std::vector<std::uint64_t>& ends) noexcept {
  std::uint64_t drivers = 0;
  std::uint64_t sum = 0;
  std::uint64_t first = Window::kNever;
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const std::uint64_t from = trial.recorders[i]->counts_from();
    if (from >= ends[i]) continue;
    ++drivers;
    sum += ends[i] - from;
    first = std::min(first, from);
    last = std::max(last, ends[i]);
  }
  if (drivers == 0) return 0;
  return window.end == Window::kNever ? last - first : sum / drivers;
}

// How long the measured phase was. `ends`: of each driver's last operation; `timed`: by a clock reading per operation.
inline void note_length(const WarmUp& trial, const Window& window, const std::vector<std::uint64_t>& ends,
                        bool timed, TrialReport& report) noexcept {
  const TrialInput& input = trial.input;
  report.interrupted =
      input.stop != nullptr && input.stop->load(std::memory_order_relaxed);  // relaxed: joined
  report.measured_ticks =
      timed ? timed_ticks(window, *std::max_element(ends.begin(), ends.end()), report.interrupted)
            : counted_ticks(trial, window, ends);
  report.measured_s = static_cast<double>(input.clock.to_ns(report.measured_ticks)) * 1e-9;
}

}  // namespace crosstalk::harness
