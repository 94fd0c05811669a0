// Results folders as one table for programs: a row per load and strategy, every cell a bare number or a name.
#pragma once

#include <vector>

#include "harness/recorded_folder.h"
#include "harness/text_table.h"

namespace crosstalk::harness {

// Rates, shares and costs are medians over sound trials; latency figures are of the added histograms of all of them, for each
// metric a count, four percentiles, maximum and mean in nanoseconds.
[[nodiscard]] TextTable report_table(const std::vector<RecordedFolder>& folders);

}  // namespace crosstalk::harness
