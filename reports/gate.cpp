#include "reports/gate.h"

#include <algorithm>
#include <cmath>

#include "reports/detectable.h"
#include "reports/signed_rank.h"

namespace crosstalk::reports {

namespace {

// Above 0 is worse.
std::vector<double> losses(const GateSeries& series) {
  std::vector<double> result = log_ratios(series.head_values, series.base_values);
  if (series.better == Better::larger) {
    for (double& each : result) each = -each;
  }
  return result;
}

// One-sided: are the losses above `by`?
double p_above(std::vector<double> values, double by) {
  for (double& each : values) each -= by;
  return signed_rank_p(values, Side::greater);
}

std::vector<double> turned(std::vector<double> values) {
  for (double& each : values) each = -each;
  return values;
}

GateVerdict verdict_of(const GateSeries& series, const std::vector<double>& loss, double level) {
  GateVerdict verdict;
  verdict.pairs = loss.size();
  verdict.deviation = deviation(loss);
  const bool larger = series.better == Better::larger;
  const std::vector<double> change = larger ? turned(loss) : loss;
  verdict.ratio = std::exp(hodges_lehmann(change));
  if (const auto span = hodges_lehmann_interval(change, 0.95))
    verdict.interval = Span{std::exp(span->low), std::exp(span->high)};
  if (const auto smallest = detectable(loss, 2 * level)) {
    const double worse = std::log1p(series.margin) + *smallest;
    verdict.detectable = larger ? std::expm1(-worse) : std::expm1(worse);
  }
  return verdict;
}

}  // namespace

std::string_view to_string(GateOutcome outcome) noexcept {
  constexpr std::string_view kWords[] = {"held", "improved", "regressed", "undecided", "too_few_pairs"};
  return kWords[static_cast<std::size_t>(outcome)];
}

std::size_t gate_pairs_needed(std::size_t series) {
  return fewest_pairs(2 * kGateLevel / static_cast<double>(std::max<std::size_t>(series, 1)));
}

std::vector<GateVerdict> judge_gate(std::span<const GateSeries> series) {
  std::vector<std::vector<double>> all;
  std::vector<double> worse, better;
  for (const GateSeries& each : series) {
    all.push_back(losses(each));
    const double margin = std::log1p(each.margin);
    worse.push_back(p_above(all.back(), margin));
    better.push_back(p_above(turned(all.back()), margin));
  }
  const std::vector<double> p_worse = holm(worse);
  const std::vector<double> p_better = holm(better);
  const double level = kGateLevel / static_cast<double>(std::max<std::size_t>(series.size(), 1));
  std::vector<GateVerdict> verdicts;
  for (std::size_t i = 0; i < all.size(); ++i) {
    GateVerdict verdict = verdict_of(series[i], all[i], level);
    verdict.p_holm = p_worse[i];
    const auto loss = hodges_lehmann_interval(all[i], 0.95);
    if (verdict.pairs < gate_pairs_needed(series.size()) || !loss) {
      verdict.outcome = GateOutcome::too_few;
    } else if (p_worse[i] < kGateLevel) {
      verdict.outcome = GateOutcome::regressed;
    } else if (p_better[i] < kGateLevel) {
      verdict.outcome = GateOutcome::improved;
    } else {
      verdict.outcome =
          loss->high < std::log1p(series[i].margin) ? GateOutcome::held : GateOutcome::undecided;
    }
    verdicts.push_back(verdict);
  }
  return verdicts;
}

int gate_exit_code(std::span<const GateVerdict> verdicts) {
  const auto any = [&](GateOutcome outcome) {
    return std::any_of(verdicts.begin(), verdicts.end(),
                       [&](const GateVerdict& verdict) { return verdict.outcome == outcome; });
  };
  if (any(GateOutcome::too_few)) return 4;
  if (any(GateOutcome::regressed)) return 1;
  return any(GateOutcome::undecided) ? 5 : 0;
}

}  // namespace crosstalk::reports
