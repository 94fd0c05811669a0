// What `crosstalk capacity` is asked for: the flags of `run`, and the conditions that a rate has to meet.
#pragma once

#include <string>
#include <vector>

#include "harness/run_options.h"
#include "reports/capacity_search.h"
#include "reports/threshold.h"

namespace crosstalk::harness {

struct CapacityRequest {
  RunOptions run;  // load poisson; the rates are the search's
  std::vector<reports::Threshold> conditions;
  reports::CapacityOptions search;
};

// Throws UsageError and workloads::InputError.
[[nodiscard]] CapacityRequest parse_capacity(const Catalog& catalog,
                                             const std::vector<std::string>& arguments,
                                             const Environment& environment);

[[nodiscard]] std::string capacity_help();

}  // namespace crosstalk::harness
