// Runs a case in a freshly forked child and watches it: a case that hangs, crashes or corrupts its memory is a finding and costs
// nothing else. The calling process must have one thread only.
#pragma once

#include <atomic>

#include "harness/verify/case_run.h"
#include "harness/verify/outcome.h"

namespace crosstalk::harness::verify {

// Runs it until its time is over, something is found, or it hangs. `stop`, which a signal sets, ends it early and makes it
// inconclusive; may be null. Throws std::system_error if the system has no more processes.
[[nodiscard]] CaseEnd run_case(const VerifyCase& one, const CaseOptions& options,
                               const std::atomic<bool>* stop = nullptr);

}  // namespace crosstalk::harness::verify
