// What the main job is asked for: the flags of `run`, with defaults of its own.
#pragma once

#include <string>
#include <vector>

#include "harness/run_options.h"

namespace crosstalk::harness {

struct CompareOptions {
  RunOptions run;               // load closed
  double trace_rate_ops_s = 0;  // replay: operations a second at time scale 1
};

// Load, rate and time scale are what the main job chooses itself: they are refused, as are plans. Throws UsageError and
// workloads::InputError.
[[nodiscard]] CompareOptions parse_compare(const Catalog& catalog, const std::vector<std::string>& arguments,
                                           const Environment& environment);

[[nodiscard]] std::string compare_help();

}  // namespace crosstalk::harness
