// `crosstalk capacity`: the largest rate that each strategy sustains while every condition holds.
#pragma once

#include <string>
#include <vector>

#include "harness/catalog.h"
#include "harness/flags.h"
#include "harness/streams.h"

namespace crosstalk::harness {

// `arguments`: those after the command, --help not among them. Returns the exit code; throws what program.h maps to one.
[[nodiscard]] int capacity_command(const Catalog& catalog, const std::vector<std::string>& arguments,
                                   const Environment& environment, Streams streams);

}  // namespace crosstalk::harness
