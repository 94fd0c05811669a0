// `crosstalk report`: results folders printed, exported, merged.
#pragma once

#include <string>
#include <vector>

#include "harness/flags.h"
#include "harness/streams.h"

namespace crosstalk::harness {

// Returns the exit code. Throws UsageError, reports::CsvError, reports::NotComparable and reports::OutputError.
[[nodiscard]] int report_command(const std::vector<std::string>& arguments, const Environment& environment,
                                 Streams streams);

}  // namespace crosstalk::harness
