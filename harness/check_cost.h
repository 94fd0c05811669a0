// What the live checks cost: the canary in every guarded object and the books that the laws are judged by.
//
// Two servers of the same kind go through the same operations of the trace in short slices, one with the checks and one
// without, on one pinned thread of one process. The two slices of a pair do the same work at nearly the same instant; who
// comes first changes from pair to pair. Service time is that of the operations' calls, as in a trial: of the checks the canary
// is in it. The loop is everything: the books too, which stand between the operations, and receives.
#pragma once

#include "harness/server_under_test.h"
#include "harness/trial_input.h"
#include "harness/trial_report.h"

namespace crosstalk::harness {

// Inlined dispatch and posts in memory, whatever the input says; faults are not injected. No pairs in the result: the server
// has no checks (a null server), the trace is too short, or a signal came. Switches LiveProbe of the whole process and leaves
// it watching. Throws what the server throws.
[[nodiscard]] CheckCost measure_check_cost(const ServerKind& kind, const TrialInput& input);

}  // namespace crosstalk::harness
