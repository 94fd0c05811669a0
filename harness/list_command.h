// `crosstalk list`: what there is to choose from.
#pragma once

#include <string>
#include <vector>

#include "harness/catalog.h"
#include "harness/flags.h"
#include "harness/streams.h"

namespace crosstalk::harness {

// Returns the exit code: 0, or 2 if a scenario file is broken (the others are listed all the same). Throws
// UsageError.
[[nodiscard]] int list_command(const Catalog& catalog, const std::vector<std::string>& arguments,
                               const Environment& environment, Streams streams);

[[nodiscard]] std::string list_help();

}  // namespace crosstalk::harness
