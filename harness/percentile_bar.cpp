#include "harness/percentile_bar.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace crosstalk::harness {

namespace {

double at_least_one(std::uint64_t ns) {
  return std::max(1.0, static_cast<double>(ns));
}

std::size_t cell_of(std::uint64_t ns, const LogScale& scale, std::size_t width) {
  const double share = std::log(at_least_one(ns) / scale.low_ns) / std::log(scale.high_ns / scale.low_ns);
  return static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(width)));
}

}  // namespace

LogScale scale_of(const std::vector<const reports::Histogram*>& all) {
  double low = 0;
  double high = 0;
  for (const reports::Histogram* values : all) {
    if (values->empty()) continue;
    const double typical = at_least_one(values->percentile_of_few(0.1));
    low = low == 0 ? typical : std::min(low, typical);
    high = std::max(high, at_least_one(values->max()));
  }
  if (low == 0) return {};
  LogScale scale{.low_ns = std::pow(10, std::floor(std::log10(low))),
                 .high_ns = std::pow(10, std::ceil(std::log10(high)))};
  if (scale.high_ns <= scale.low_ns) scale.high_ns = 10 * scale.low_ns;
  return scale;
}

std::string percentile_bar(const reports::Histogram& values, const LogScale& scale, std::size_t width,
                           const Glyphs& glyphs) {
  if (values.empty()) return {};
  const std::array<std::optional<std::uint64_t>, 5> reach{values.percentile(0.5), values.percentile(0.9),
                                                          values.percentile(0.99), values.percentile(0.999),
                                                          values.max()};
  std::string text;
  std::size_t drawn = 0;
  for (std::size_t i = 0; i < reach.size(); ++i) {
    if (!reach[i]) continue;
    // The smallest bar is one character: it is there.
    const std::size_t end = std::max<std::size_t>(cell_of(*reach[i], scale, width), drawn == 0 ? 1 : drawn);
    for (; drawn < end; ++drawn) text += glyphs.shades[i];
  }
  return text;
}

}  // namespace crosstalk::harness
