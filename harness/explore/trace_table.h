// TraceTable: what each thread did in an execution, one column per thread, in the order in which it happened.
#pragma once

#include <string>
#include <vector>

#include "harness/explore/places.h"
#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

// Locks and atomics are called a, b, c, ... in the order in which they come up. Of a long trace the last `rows` are shown.
[[nodiscard]] std::string trace_table(const std::vector<TraceEvent>& trace, const Places& places,
                                      std::size_t rows = 80);

}  // namespace crosstalk::harness::explore
