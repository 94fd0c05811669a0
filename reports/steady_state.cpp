#include "reports/steady_state.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace crosstalk::reports {

namespace {

bool is_inside(const WindowShape& shape, const SteadyLimits& limits, double factor) {
  return std::abs(shape.slope_pct) <= limits.slope_pct * factor &&
         shape.deviation_pct <= limits.deviation_pct * factor && std::isfinite(shape.slope_pct);
}

bool has_crept_away(const WindowShape& shape, double entering_mean, const SteadyLimits& limits) {
  const double moved_pct = 100 * std::abs(shape.mean - entering_mean) / entering_mean;
  return moved_pct > limits.deviation_pct * limits.leaving_factor;
}

}  // namespace

WindowShape window_shape(std::span<const double> values) {
  constexpr double kNone = std::numeric_limits<double>::infinity();
  const auto n = static_cast<double>(values.size());
  const double mean = values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / n;
  if (!(mean > 0) || !std::isfinite(mean)) return {0, kNone, kNone};
  const double middle = (n - 1) / 2;
  double across = 0, along = 0, deviation = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double x = static_cast<double>(i) - middle;
    across += x * (values[i] - mean);
    along += x * x;
    deviation = std::max(deviation, std::abs(values[i] - mean));
  }
  const double slope = along > 0 ? across / along : 0;
  return {mean, 100 * slope * n / mean, 100 * deviation / mean};
}

std::optional<SteadyState> find_steady_state(std::span<const double> values, const SteadyLimits& limits) {
  const std::size_t window = std::max<std::size_t>(limits.window, 2);
  std::optional<SteadyState> found;
  for (std::size_t first = 0; first + window <= values.size(); ++first) {
    const WindowShape shape = window_shape(values.subspan(first, window));
    if (!found) {
      if (is_inside(shape, limits, 1)) found = SteadyState{first, shape.mean, std::nullopt};
    } else if (!is_inside(shape, limits, limits.leaving_factor) ||
               has_crept_away(shape, found->mean, limits)) {
      found->left = first + window - 1;
      break;
    }
  }
  return found;
}

}  // namespace crosstalk::reports
