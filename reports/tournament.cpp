#include "reports/tournament.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace crosstalk::reports {

namespace {

constexpr double kLevel = 0.05;

std::vector<std::size_t> ranked(const std::vector<Contender>& field) {
  std::vector<double> medians;
  for (const Contender& contender : field) medians.push_back(median(contender.values));
  std::vector<std::size_t> order(field.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return medians[a] > medians[b]; });
  return order;
}

}  // namespace

Tournament judge(const std::vector<Contender>& field) {
  Tournament result;
  result.ranking = ranked(field);
  if (field.empty()) return result;
  const std::size_t leader = result.ranking.front();
  result.blocks = field[leader].values.size();
  result.tied.push_back(leader);

  // Every pair's p-value, so that choosing the leader from the data is paid for.
  std::vector<double> p;
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t a = 0; a < field.size(); ++a) {
    for (std::size_t b = a + 1; b < field.size(); ++b) {
      p.push_back(sign_flip_p(log_ratios(field[a].values, field[b].values)));
      pairs.emplace_back(a, b);
    }
  }
  const std::vector<double> adjusted = holm(p);
  double worst = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (pairs[i].first != leader && pairs[i].second != leader) continue;
    worst = std::max(worst, adjusted[i]);
    if (adjusted[i] >= kLevel)
      result.tied.push_back(pairs[i].first == leader ? pairs[i].second : pairs[i].first);
  }
  if (field.size() == 1) return result;
  result.p = worst;
  result.resolved = worst < kLevel;
  const auto differences = log_ratios(field[leader].values, field[result.ranking[1]].values);
  result.ratio = std::exp(hodges_lehmann(differences));
  if (const auto interval = hodges_lehmann_interval(differences, 0.95)) {
    result.interval = Span{std::exp(interval->low), std::exp(interval->high)};
  }
  return result;
}

}  // namespace crosstalk::reports
