#include "harness/recorders.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "reports/histogram.h"
#include "workloads/op.h"

namespace crosstalk::harness {

namespace {

// Histograms of all threads' intervals together stay below this; many threads get fewer, longer slices.
constexpr std::size_t kIntervalBytes = 128U << 20;

using Kinds = std::array<bool, workloads::kOpKindCount>;

Kinds kinds_of(const TrialInput& input) {
  Kinds kinds{};
  for (const auto& ops : *input.drivers) {
    for (const workloads::Op& op : ops) kinds[static_cast<std::size_t>(op.kind)] = true;
  }
  kinds[static_cast<std::size_t>(workloads::OpKind::receive)] = true;
  return kinds;
}

std::uint64_t ticks(const Clock& clock, std::uint64_t ns) {
  return clock.to_ticks(static_cast<double>(ns));
}

}  // namespace

Recorders make_recorders(const TrialInput& input, std::span<ClientTally> tallies, bool timed) {
  const Kinds kinds = kinds_of(input);
  const bool pooled = input.options.path == Path::pooled;
  const std::size_t threads = input.drivers->size() + (pooled ? input.options.workers : 0);
  const bool closed = timed && !pooled && !input.options.open_loop && !input.options.thinks();
  const auto kind_count = static_cast<std::size_t>(std::count(kinds.begin(), kinds.end(), true));
  const std::size_t of_a_slice =
      2 * sizeof(IntervalReport) + (closed ? sizeof(reports::Histogram) * kind_count : 0);
  const std::size_t slices = std::clamp(kIntervalBytes / (threads * of_a_slice), std::size_t{1}, kIntervals);
  Recorders recorders;
  for (std::size_t i = 0; i < threads; ++i) {
    recorders.push_back(std::make_unique<Recorder>(input.clock, kinds, slices, tallies, closed));
    if (input.options.open_loop) recorders.back()->open_loop();
  }
  return recorders;
}

Window make_window(const TrialOptions& options, const Clock& clock) {
  constexpr std::uint64_t kRunUpNs = 300'000;  // every driver is awake by then
  Window window;
  window.start = clock.now() + ticks(clock, kRunUpNs);
  window.measure = window.start + ticks(clock, options.warmup_ns);
  if (options.steady && options.warmup_ns > 0) {
    window.measure = Window::kNever;  // see WindowSwitch
    return window;
  }
  if (options.duration_ns > 0) window.end = window.measure + ticks(clock, options.duration_ns);
  return window;
}

void start_recorders(const Recorders& recorders, const TrialInput& input, const Window& window,
                     TrialReport& report) {
  const std::size_t slices = recorders.front()->slices();
  const std::size_t stretch = (kIntervals + slices - 1) / slices;
  report.interval_ns = input.options.interval_ns * stretch;
  report.warmup_interval_ns = std::max(report.interval_ns, input.options.warmup_ns / slices + 1);
  for (const auto& recorder : recorders) {
    recorder->set_peers(recorders);
    recorder->start(window, ticks(input.clock, report.warmup_interval_ns),
                    ticks(input.clock, report.interval_ns));
  }
}

}  // namespace crosstalk::harness
