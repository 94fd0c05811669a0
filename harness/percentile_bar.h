// A latency distribution as one bar on a logarithmic scale: how far the median, p90, p99, p99.9 and the maximum reach.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/glyphs.h"
#include "reports/histogram.h"

namespace crosstalk::harness {

// Whole decades that hold what the bars show.
struct LogScale {
  double low_ns = 1;
  double high_ns = 10;
};
// Of all histograms that hold anything.
[[nodiscard]] LogScale scale_of(const std::vector<const reports::Histogram*>& all);

// `width` characters at most. A percentile that has too few values (reports/histogram.h) has no shade of its own.
[[nodiscard]] std::string percentile_bar(const reports::Histogram& values, const LogScale& scale,
                                         std::size_t width, const Glyphs& glyphs);

}  // namespace crosstalk::harness
