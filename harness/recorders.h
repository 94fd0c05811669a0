// The recorders of a trial's threads.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "harness/clock.h"
#include "harness/recorder.h"
#include "harness/trial_input.h"
#include "harness/trial_report.h"
#include "harness/window.h"

namespace crosstalk::harness {

using Recorders = std::vector<std::unique_ptr<Recorder>>;

// One a thread: pooled, the workers' and then the drivers'. `timed`: operations are timed. The tallies must outlive them.
[[nodiscard]] Recorders make_recorders(const TrialInput& input, std::span<ClientTally> tallies, bool timed);

// The phases of a trial that starts a moment from now.
[[nodiscard]] Window make_window(const TrialOptions& options, const Clock& clock);

// Tells the recorders the phases, and the report the lengths of their slices.
void start_recorders(const Recorders& recorders, const TrialInput& input, const Window& window,
                     TrialReport& report);

}  // namespace crosstalk::harness
