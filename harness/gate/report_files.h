// The report for programs: JUnit XML and JSON, and all files of the results folder.
#pragma once

#include <filesystem>
#include <string>

#include "harness/gate/gate_report.h"

namespace crosstalk::harness::gate {

// A suite per scenario, a test case per metric. Regressed is a failure; contaminated, not comparable and broken are errors,
// and so is a gate that ended before its verdict; undecided is a failure or, under --undecided pass, skipped.
[[nodiscard]] std::string junit_of(const GateReport& report);

// An object: verdict ("none": the gate ended before), exit_code, answer, seed, seconds, base, head, control, rows (as gate.csv), counts, instructions, warnings.
[[nodiscard]] std::string json_of(const GateReport& report);

// summary.md, junit.xml, gate.json, gate.csv. Throws reports::OutputError.
void write_report(const std::filesystem::path& folder, const GateReport& report);

}  // namespace crosstalk::harness::gate
