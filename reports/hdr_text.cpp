#include "reports/hdr_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace crosstalk::reports {

namespace {

constexpr double kNsPerUs = 1000;
// Steps to each halving of what is left to 100 %, as HdrHistogram's own programs have it.
constexpr double kStepsPerHalf = 5;

template <class... Parts>
std::string formatted(const char* format, Parts... parts) {
  char text[160];
  std::snprintf(text, sizeof text, format, parts...);
  return text;
}

// The percentile (0 to 100) that is shown after `level`, below 100; 100 where there is no double between.
double next_level(double level) {
  const double halvings = std::floor(std::log2(100 / (100 - level))) + 1;
  const double next = level + 100 / (kStepsPerHalf * std::exp2(halvings));
  return next > level ? next : 100;
}

double deviation_of(const Histogram& values) {
  if (values.empty()) return 0;
  double squares = 0;
  values.for_each_bucket([&](std::uint64_t low, std::uint64_t high, std::uint64_t count) {
    const double off = static_cast<double>(low + (high - low) / 2) - values.mean();
    squares += off * off * static_cast<double>(count);
  });
  return std::sqrt(squares / static_cast<double>(values.count()));
}

}  // namespace

std::string hdr_text(const Histogram& values) {
  std::string text =
      formatted("%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
  const auto total = static_cast<double>(values.count());
  double level = 0;
  std::uint64_t reached = 0;
  values.for_each_bucket([&](std::uint64_t low, std::uint64_t high, std::uint64_t count) {
    reached += count;
    const std::uint64_t value = std::clamp(low + (high - low) / 2, values.min(), values.max());
    const double percent = 100 * static_cast<double>(reached) / total;
    // The maximum has a line of its own; so near to it the steps would never end.
    while (reached < values.count() && percent >= level && level < 100) {
      const double share = level / 100;
      text += formatted("%12.3f %2.12f %10llu %14.2f\n", static_cast<double>(value) / kNsPerUs, share,
                        static_cast<unsigned long long>(reached), 1 / (1 - share));
      level = next_level(level);
    }
  });
  if (!values.empty()) {
    text += formatted("%12.3f %2.12f %10llu\n", static_cast<double>(values.max()) / kNsPerUs, 1.0,
                      static_cast<unsigned long long>(values.count()));
  }
  text += formatted("#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", values.mean() / kNsPerUs,
                    deviation_of(values) / kNsPerUs);
  text += formatted("#[Max     = %12.3f, Total count    = %12llu]\n",
                    static_cast<double>(values.max()) / kNsPerUs,
                    static_cast<unsigned long long>(values.count()));
  text += formatted("#[Buckets = %12u, SubBuckets     = %12u]\n",
                    Histogram::kRangeBits - Histogram::kSubBits + 1, 1U << Histogram::kSubBits);
  return text;
}

}  // namespace crosstalk::reports
