// The report for the summary of a CI job or a comment: what got slower, by how much and how sure, before anything else.
#pragma once

#include <string>

#include "harness/gate/gate_report.h"

namespace crosstalk::harness::gate {

[[nodiscard]] std::string markdown_of(const GateReport& report);

}  // namespace crosstalk::harness::gate
