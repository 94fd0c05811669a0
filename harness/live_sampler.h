// Looks at the recorders of a running trial ten times a second and shows the slices that all of them have closed
// (live_series.h). The timed threads do nothing for it but one store a slice.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <thread>

#include "harness/recorder.h"
#include "harness/trial_report.h"

namespace crosstalk::harness {

class LiveSampler {
 public:
  // Starts the sampler's thread, which sleeps until begin(). Operations are recorded in the first `recording` of the
  // recorders; the others only count what they offer. All must outlive the sampler. Throws std::system_error.
  LiveSampler(std::span<const std::unique_ptr<Recorder>> recorders, std::size_t recording,
              TrialReport& report);

  // The measured phase has begun: the lengths of warm-up and slices stand in the report.
  void begin();

  // One look; for the sampler's thread, and for tests without begin().
  void look();

 private:
  void run(const std::stop_token& stop);
  void show(bool measured, std::size_t slice);

  std::span<const std::unique_ptr<Recorder>> recorders_;
  std::size_t recording_;
  TrialReport& report_;
  std::size_t shown_ = 0;  // slices of the measured phase
  reports::Histogram so_far_;
  std::unique_ptr<IntervalReport> sum_ = std::make_unique<IntervalReport>();  // too large for a stack
  std::mutex mutex_;                                                          // guards begun_
  std::condition_variable_any begins_;
  bool begun_ = false;
  std::jthread thread_;  // last: ends before what it uses
};

}  // namespace crosstalk::harness
