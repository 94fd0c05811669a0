// Checks a counter's history faster than linearize() can where every operation adds one and returns the sum: the values must be 1 to n,
// each once, and none may have returned before a smaller one was called. O(n log n) for n operations.
#pragma once

#include <string>
#include <vector>

#include "harness/verify/event_log.h"

namespace crosstalk::harness::verify {

// Empty: it is linearizable; else what is wrong.
[[nodiscard]] std::string check_counter_values(std::vector<Event> events, std::uint64_t skew_ticks = 0);

}  // namespace crosstalk::harness::verify
