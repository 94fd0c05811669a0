// Instructions an operation as a metric like the others: what was counted becomes verdicts. Exact, so one count of each side is
// enough: no pairs, no interval, no MDE.
#pragma once

#include "harness/gate/gate_report.h"

namespace crosstalk::harness::gate {

// One, regressed or improved where the change is beyond the metric's margin, with what changed as its reason.
[[nodiscard]] reports::GateRow instruction_row(const std::string& scenario, const InstructionChange& change,
                                               const reports::GateMetric& metric);

// Adds a row for each contest whose instructions were counted, behind the others of its scenario.
void add_instruction_rows(GateReport& report, const reports::GateMetric& metric);

}  // namespace crosstalk::harness::gate
