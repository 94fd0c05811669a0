// `crosstalk compare --map`: which strategy wins where.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/catalog.h"
#include "harness/flags.h"
#include "harness/map_options.h"
#include "harness/streams.h"

namespace crosstalk::harness {

// `arguments`: those after the command, --map among them. Returns the exit code; throws what program.h maps to one.
[[nodiscard]] int map_command(const Catalog& catalog, const std::vector<std::string>& arguments,
                              const Environment& environment, Streams streams);

// What a trial of the map takes, with its process, the filling of the server and the checks behind it, as far as that is known
// before any has run.
[[nodiscard]] double expected_trial_s(const PlanRow& base) noexcept;

// How many blocks there will be, where a block takes so long, and how many it takes to tell so many strategies apart. Where
// these are more, it says what would help.
[[nodiscard]] std::string map_prospect(const MapOptions& options, double block_s);
// Can the blocks that there will be resolve anything?
[[nodiscard]] bool map_is_affordable(const MapOptions& options, double block_s);

}  // namespace crosstalk::harness
