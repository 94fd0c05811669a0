// A histogram as the percentile distribution that HdrHistogram prints, for its plotter and whatever else reads .hgrm files.
#pragma once

#include <string>

#include "reports/histogram.h"

namespace crosstalk::reports {

// Columns Value (microseconds, three decimals: whole nanoseconds), Percentile, TotalCount, 1/(1-Percentile), five steps to
// each halving of the distance to 100 %, and the footer with mean, deviation, maximum and count. A value is the midpoint of
// its bucket as everywhere in this project, not its upper end; the last one is the exact maximum.
[[nodiscard]] std::string hdr_text(const Histogram& values);

}  // namespace crosstalk::reports
