#include "reports/detectable.h"

#include <cmath>
#include <utility>
#include <vector>

#include "reports/paired.h"
#include "reports/signed_rank.h"

namespace crosstalk::reports {

double normal_quantile(double p) {
  double low = -40;
  double high = 40;
  for (int i = 0; i < 80; ++i) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::sqrt(2.0)) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

double deviation(std::span<const double> values) {
  if (values.size() < 2) return 0;
  const double n = static_cast<double>(values.size());
  double mean = 0;
  for (const double value : values) mean += value / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / (n - 1));
}

double robust_deviation(std::span<const double> values) {
  constexpr double kOfNormal = 1.4826022185056018;  // 1 / z(3/4)
  const double middle = median({values.begin(), values.end()});
  std::vector<double> distances;
  for (const double value : values) distances.push_back(std::abs(value - middle));
  return kOfNormal * median(std::move(distances));
}

std::optional<double> detectable(std::span<const double> differences, double level, double power) {
  if (differences.size() < fewest_pairs(level)) return std::nullopt;
  const auto interval = hodges_lehmann_interval(differences, 1 - level);
  if (!interval) return std::nullopt;
  const double half = (interval->high - interval->low) / 2;
  return half * (1 + normal_quantile(power) / normal_quantile(1 - level / 2));
}

}  // namespace crosstalk::reports
