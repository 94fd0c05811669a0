// `crosstalk compare`: the main job, closed loop first, then every strategy at the same offered load.
#pragma once

#include <string>
#include <vector>

#include "harness/catalog.h"
#include "harness/flags.h"
#include "harness/streams.h"

namespace crosstalk::harness {

// `arguments`: those after the command; --help is among them. Returns the exit code; throws what program.h
// maps to one.
[[nodiscard]] int compare_command(const Catalog& catalog, const std::vector<std::string>& arguments,
                                  const Environment& environment, Streams streams);

}  // namespace crosstalk::harness
