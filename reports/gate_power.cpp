#include "reports/gate_power.h"

#include <algorithm>
#include <cmath>

#include "reports/detectable.h"
#include "reports/sign_flip.h"

namespace crosstalk::reports {

namespace {

constexpr double kRankEfficiency = 0.955;  // 3 / pi
constexpr double kLooking = 1.1;           // pairs for several looks over those for one
constexpr double kSmallSample = 2;         // pairs by which the normal approximation is too hopeful
constexpr std::size_t kFewestPairs = 12;
constexpr double kMostPairs = 1e6;

double standard_gap(double level, double power) {
  return normal_quantile(1 - level) + normal_quantile(power);
}

}  // namespace

std::size_t pairs_for(const PowerQuestion& question) {
  const double ratio = standard_gap(question.level, question.power) * question.deviation / question.gap;
  const double pairs = std::ceil(kSmallSample + kLooking / kRankEfficiency * ratio * ratio);
  const std::size_t fewest = fewest_flipped_pairs(question.level, question.columns);
  return std::max({kFewestPairs, fewest, static_cast<std::size_t>(std::min(pairs, kMostPairs))});
}

double gap_for(std::size_t pairs, double deviation, double level, double power) {
  const double effective = (static_cast<double>(pairs) - kSmallSample) * kRankEfficiency / kLooking;
  return standard_gap(level, power) * deviation / std::sqrt(effective);
}

}  // namespace crosstalk::reports
