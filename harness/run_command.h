// `crosstalk run`: measures what the options ask for.
#pragma once

#include "harness/catalog.h"
#include "harness/run_options.h"
#include "harness/streams.h"

namespace crosstalk::harness {

// Returns the exit code; throws what program.h maps to one.
[[nodiscard]] int run_command(const Catalog& catalog, const RunOptions& options, Streams streams);

}  // namespace crosstalk::harness
