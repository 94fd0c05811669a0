// `crosstalk gate --baseline DIR --candidate DIR`: two results folders that were measured before, each with several repetitions.
//
// The n-th repetition of one is set against the n-th of the other, as if they were pairs. They are none: what the machine did in
// the hours between, and how each program happened to be linked, is part of the difference, and no test can take it out. The
// report says so. Verdicts by the sign-flip test of each metric (reports/sign_flip.h), adjusted over all (Holm), at 1 %; there is
// nothing to confirm them with.
#pragma once

#include "harness/gate/gate_options.h"
#include "harness/gate/gate_report.h"

namespace crosstalk::harness::gate {

// What cannot be compared (another machine, other traces, nothing in common) is in the report, with exit code 6. Throws
// reports::CsvError.
[[nodiscard]] GateReport judge_folders(const GateOptions& options);

}  // namespace crosstalk::harness::gate
