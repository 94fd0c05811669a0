// What a map of winners is asked for: the flags of `run` that a map leaves open, and the axes of its grid.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/compare_options.h"
#include "harness/map_plan.h"
#include "harness/run_options.h"

namespace crosstalk::harness {

// Is `crosstalk compare` asked for a map? The word stands on the command line, nowhere else.
[[nodiscard]] bool asks_for_map(const std::vector<std::string>& arguments);

struct MapOptions {
  RunOptions run;      // strategies, length of a trial, seed and the like
  MapAxes axes;        // no value twice
  MapRequest request;  // its number of blocks: the most that are wanted
  Budget budget;
};

// Throws UsageError and workloads::InputError.
[[nodiscard]] MapOptions parse_map(const Catalog& catalog, const std::vector<std::string>& arguments,
                                   const Environment& environment);

// "0.5x,1x,8": numbers of drivers, also as multiples of the processors; at least 1, no value twice. Throws ValueError.
[[nodiscard]] std::vector<unsigned> parse_map_threads(std::string_view text, unsigned processors);

[[nodiscard]] std::string map_help();

}  // namespace crosstalk::harness
