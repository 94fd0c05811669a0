// Measures what a Calibration holds: probes on a thread of its own, pinned as a driver is, then trials in child processes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/calibration.h"
#include "harness/catalog.h"
#include "harness/interrupt.h"
#include "harness/progress.h"

namespace crosstalk::harness {

// How much is measured.
struct CalibrationEffort {
  bool quick = false;
  std::size_t clock_slices = 0;
  std::size_t clock_readings = 0;  // of a slice
  std::size_t sleeps = 0;          // of 100 us
  std::uint64_t gap_span_ns = 0;
  std::uint64_t pacing_ns = 0;  // at each rate
  std::size_t lock_slices = 0;
  std::uint64_t lock_slice_ns = 0;
  std::uint64_t trial_ns = 0;  // of floors and noise
  std::size_t floor_trials = 0;
  std::size_t pairs = 0;                       // of each scenario
  std::vector<std::string> scenarios;          // names or files; the floors are those of the first
  std::string strategy = "sharded/std_mutex";  // that is compared with itself

  [[nodiscard]] static CalibrationEffort quick_one();  // some 10 s
  [[nodiscard]] static CalibrationEffort full_one();   // one to two minutes
};

// Called before each step, from the calling thread.
using OnCalibrationStep = std::function<void(const ProgressState&)>;

// The calling process must have one thread only. Floors are left out of a catalog without null/null. Empty if
// interrupted. Throws UsageError for a scenario or strategy that is not there and workloads::InputError for a scenario that
// is broken, before anything is measured.
[[nodiscard]] std::optional<Calibration> calibrate(const Catalog& catalog, const CalibrationEffort& effort,
                                                   const Interrupt& interrupt,
                                                   const OnCalibrationStep& on_step);

// Pure: the noise that pairs of equal strategies show; one value a trial, in operations per second. Pairs with a value
// that is not above 0 are left out.
struct EqualPair {
  double a_ops_s = 0;
  double b_ops_s = 0;
};
[[nodiscard]] Calibration::Noise noise_of(const std::vector<EqualPair>& pairs);

}  // namespace crosstalk::harness
