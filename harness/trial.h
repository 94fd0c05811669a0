// One trial of one server: prefill, barrier, warm-up, measure, drain, check.
#pragma once

#include "harness/hosted_server.h"
#include "harness/server_under_test.h"
#include "harness/trial_input.h"
#include "harness/trial_report.h"
#include "pool/chat/chat_server.h"

namespace crosstalk::harness {

// Runs one trial, or measures what its checks cost (TrialOptions::check_cost), or counts what its operations do
// (TrialOptions::count), and fills the report. Throws what the server or the machine throws (std::bad_alloc, no more threads).
void run_trial_of(const ServerKind& kind, const TrialInput& input, TrialReport& report);

// A template, so that the timed loop calls the server directly.
template <pool::ChatOperations S>
void run_trial(const TrialInput& input, TrialReport& report) {
  run_trial_of(kServerKind<S>, input, report);
}

}  // namespace crosstalk::harness
