// How what was counted is put into words.
#pragma once

#include <string>
#include <vector>

#include "harness/gate/gate_report.h"
#include "harness/gate/op_counts.h"

namespace crosstalk::harness::gate {

// 0.25 -> "0.25", 1234.5 -> "1234", 0.0003 -> "0.0003"
[[nodiscard]] std::string count_text(double count);
// "allocations a post", "locks an operation"
[[nodiscard]] std::string count_name(const OpCount& count);

// "+1.00 allocations a post (0.25 to 1.25), ..." of what has grown, at most five; empty: nothing has.
[[nodiscard]] std::string growth_words(const std::vector<OpCount>& counts);
// "allocations a post 0.25 to 1.25, ..." of exact counts that differ, "no change"; empty: there are none.
[[nodiscard]] std::string change_words(const std::vector<OpCount>& counts);
// What is counted of the scenario of a row that got slower has grown: "likely cause: ..."; empty: nothing has.
[[nodiscard]] std::string likely_cause(const GateReport& report, const reports::GateRow& row);

// A warning where an exact count has grown, which says whether time was lost too, and one where it is not exact after all.
void apply_counts(GateReport& report);

}  // namespace crosstalk::harness::gate
