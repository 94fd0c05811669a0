// A results folder as Markdown for the summary of a CI job.
#pragma once

#include <string>

#include "harness/recorded_folder.h"

namespace crosstalk::harness {

// The answer in bold, a table per load, warnings in a list, machine and build below. Throws reports::CsvError
// (comparison.csv).
[[nodiscard]] std::string ci_summary(const RecordedFolder& folder);

}  // namespace crosstalk::harness
