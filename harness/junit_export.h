// A results folder as JUnit XML: a test case for each trial, so that a CI server shows what must not be used and why.
#pragma once

#include <string>
#include <string_view>

#include "harness/recorded_folder.h"

namespace crosstalk::harness {

// A suite per load. A broken law is a failure, a trial that crashed or hung an error; what was not measured soundly
// (generator, contaminated, too_short, interrupted) is skipped with its reason. Times are the measured phase, in seconds.
[[nodiscard]] std::string junit_xml(const RecordedFolder& folder);

// Text for XML 1.0: escaped, and without the characters that XML cannot hold in any form.
[[nodiscard]] std::string xml_text(std::string_view text);

}  // namespace crosstalk::harness
