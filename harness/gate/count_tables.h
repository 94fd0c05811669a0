// Tables of what was counted.
#pragma once

#include "harness/gate/gate_report.h"
#include "harness/text_table.h"

namespace crosstalk::harness::gate {

// Every count of every scenario, as counts.csv has it: scenario, operation, what, exact, operations, base, head, difference.
[[nodiscard]] TextTable counts_table(const GateReport& report);

// For people: the exact counts that differ. Without rows: none does.
[[nodiscard]] TextTable changed_counts_table(const GateReport& report);

}  // namespace crosstalk::harness::gate
