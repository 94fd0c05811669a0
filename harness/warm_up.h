// The phases of a trial as the thread that watches it sees them: how long the warm-up lasts, how long was measured.
#pragma once

#include <algorithm>
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

// How long the measured phase was. `last`: the end of the last operation; `timed`: by a clock reading per operation.
inline void note_length(const TrialInput& input, const Window& window, std::uint64_t last, bool timed,
                        TrialReport& report) noexcept {
  report.interrupted =
      input.stop != nullptr && input.stop->load(std::memory_order_relaxed);  // relaxed: joined
  const bool whole = timed && window.end != Window::kNever && !report.interrupted;
  const std::uint64_t end = whole ? window.end : std::min(last, window.end);
  report.measured_ticks = end <= window.measure ? 0 : end - window.measure;
  report.measured_s = static_cast<double>(input.clock.to_ns(report.measured_ticks)) * 1e-9;
}

}  // namespace crosstalk::harness
