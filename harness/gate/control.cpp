#include "harness/gate/control.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "reports/detectable.h"
#include "reports/paired.h"
#include "reports/sign_flip.h"

namespace crosstalk::harness::gate {

namespace {

double log_loss(const std::optional<double>& base, const std::optional<double>& copy,
                reports::Better better) {
  if (!base || !copy || !(*base > 0) || !(*copy > 0)) return std::numeric_limits<double>::quiet_NaN();
  const double ratio = std::log(*copy / *base);
  return better == reports::Better::smaller ? ratio : -ratio;
}

std::vector<double> measured_of(const std::vector<double>& losses) {
  std::vector<double> measured;
  std::copy_if(losses.begin(), losses.end(), std::back_inserter(measured),
               [](double loss) { return !std::isnan(loss); });
  return measured;
}

}  // namespace

void Control::add(std::span<const std::optional<double>> base, std::span<const std::optional<double>> copy) {
  for (std::size_t i = 0; i < metrics_.size(); ++i)
    losses_[i].push_back(log_loss(base[i], copy[i], metrics_[i].better));
}

ControlResult Control::result(std::uint64_t seed) const {
  ControlResult result;
  result.pairs = losses_.empty() ? 0 : losses_.front().size();
  const reports::FlipPatterns patterns{.seed = seed};
  // On either side.
  result.fewest = reports::fewest_flipped_pairs(kControlLevel, 2 * std::max<std::size_t>(1, metrics_.size()));
  double smallest = 2;
  double loss = 0, margin = 0;
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    const std::vector<double> measured = measured_of(losses_[i]);
    result.deviations.push_back(reports::deviation(measured));
    if (measured.empty()) continue;
    const double p = reports::control_p({losses_[i]}, patterns, result.fewest);
    if (p >= smallest) continue;
    smallest = p;
    loss = reports::hodges_lehmann(measured);
    margin = std::log1p(metrics_[i].margin);
    result.metric = metrics_[i].name;
    result.change = std::expm1(metrics_[i].better == reports::Better::smaller ? loss : -loss);
  }
  if (result.pairs > 0) result.p = reports::control_p(losses_, patterns, result.fewest);
  result.differs = result.p <= kControlLevel && std::abs(loss) > margin;
  return result;
}

}  // namespace crosstalk::harness::gate
