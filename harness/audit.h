// Checks what a trial measured against itself, by the operational laws: what its recorders hold must account for what its
// flow meters counted. A recorder that loses, doubles or mistimes operations does not stay unnoticed.
#pragma once

#include <optional>
#include <string>

#include "harness/clock.h"
#include "harness/trial_input.h"
#include "harness/trial_report.h"

namespace crosstalk::harness {

struct Audit {
  std::optional<double> little_error;  // the largest of the stages, relative; empty: nothing passed
  std::optional<double> loop_error;    // of N = X (R + Z); empty: open loop, or too short to tell
  std::string failure;                 // what does not fit, by more than 2 %; empty: nothing
};

// For a trial that was timed and ended as planned.
[[nodiscard]] Audit audit(const TrialInput& input, const TrialReport& report);

}  // namespace crosstalk::harness
