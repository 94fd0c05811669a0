// `crosstalk gate`: does the new program regress against the old one?
#pragma once

#include <string>
#include <vector>

#include "harness/flags.h"
#include "harness/streams.h"

namespace crosstalk::harness::gate {

// Returns the exit code; throws what program.h maps to one.
[[nodiscard]] int gate_command(const std::vector<std::string>& arguments, const Environment& environment,
                               Streams streams);

}  // namespace crosstalk::harness::gate
