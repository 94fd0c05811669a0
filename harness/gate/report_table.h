// The report for a terminal, 80 columns wide.
#pragma once

#include <ostream>

#include "harness/gate/gate_report.h"
#include "harness/text_table.h"

namespace crosstalk::harness::gate {

// The answer first, then a table for each scenario.
void print_report(std::ostream& out, const GateReport& report);

// A row for each verdict, with every number, for programs: gate.csv, --format csv.
[[nodiscard]] TextTable verdict_table(const GateReport& report);

}  // namespace crosstalk::harness::gate
