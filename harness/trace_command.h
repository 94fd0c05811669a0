// `crosstalk trace`: writes or describes the operations that a run would perform.
#pragma once

#include <string>
#include <vector>

#include "harness/flags.h"
#include "harness/streams.h"

namespace crosstalk::harness {

// Returns the exit code; throws UsageError, workloads::InputError and reports::OutputError.
[[nodiscard]] int trace_command(const std::vector<std::string>& arguments, const Environment& environment,
                                Streams streams);

[[nodiscard]] std::string trace_help();

}  // namespace crosstalk::harness
