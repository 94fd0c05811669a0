// `crosstalk demo`: the thread pool at work, to be watched. Ten tasks of two priorities with callbacks, one more that fails
// and one whose deadline passes in the queue, told line by line; then the pool's statistics and their sum.
#pragma once

#include <string>
#include <vector>

#include "harness/flags.h"
#include "harness/streams.h"

namespace crosstalk::harness {

// Returns the exit code 0. Throws UsageError. Colour is for terminals, unless NO_COLOR is set.
[[nodiscard]] int demo_command(const std::vector<std::string>& arguments, const Environment& environment,
                               Streams streams);

[[nodiscard]] std::string demo_help();

}  // namespace crosstalk::harness
