#include "reports/tournament.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "reports/detectable.h"
#include "reports/signed_rank.h"

namespace crosstalk::reports {

namespace {

// ln(a / b) of every block that both have.
std::vector<double> shared_log_ratios(const Contender& a, const Contender& b) {
  std::vector<double> ratios;
  auto other = b.values.begin();
  for (const auto& [block, value] : a.values) {
    while (other != b.values.end() && other->first < block) ++other;
    if (other != b.values.end() && other->first == block) ratios.push_back(std::log(value / other->second));
  }
  return ratios;
}

// All pairs of a field, a < b.
struct Pairs {
  explicit Pairs(const std::vector<Contender>& field) : size(field.size()) {
    std::vector<double> p;
    for (std::size_t a = 0; a < size; ++a) {
      for (std::size_t b = a + 1; b < size; ++b) {
        log_ratios.push_back(shared_log_ratios(field[a], field[b]));
        p.push_back(signed_rank_p(log_ratios.back()));
      }
    }
    adjusted = holm(p);
    raw = std::move(p);
  }
  [[nodiscard]] std::size_t index(std::size_t a, std::size_t b) const {
    if (a > b) std::swap(a, b);
    return a * (2 * size - a - 1) / 2 + b - a - 1;
  }

  std::size_t size;
  std::vector<std::vector<double>> log_ratios;
  std::vector<double> raw, adjusted;
};

std::vector<std::size_t> ranked(const Pairs& pairs, Better better) {
  std::vector<double> merit(pairs.size, 0);
  for (std::size_t a = 0; a < pairs.size; ++a) {
    for (std::size_t b = a + 1; b < pairs.size; ++b) {
      const double lead = hodges_lehmann(pairs.log_ratios[pairs.index(a, b)]);
      merit[a] += better == Better::larger ? lead : -lead;
      merit[b] -= better == Better::larger ? lead : -lead;
    }
  }
  std::vector<std::size_t> order(pairs.size);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return merit[a] > merit[b]; });
  return order;
}

Duel duel_of(const Pairs& pairs, std::size_t leader, std::size_t other, const Rules& rules) {
  const std::size_t pair = pairs.index(leader, other);
  std::vector<double> lead = pairs.log_ratios[pair];
  if (other < leader) {
    for (double& each : lead) each = -each;
  }
  const double level = rules.level * rules.share / static_cast<double>(pairs.raw.size());
  Duel duel;
  duel.other = other;
  duel.blocks = lead.size();
  duel.ratio = std::exp(hodges_lehmann(lead));
  if (const auto span = hodges_lehmann_interval(lead, 1 - (1 - rules.confidence) * rules.share))
    duel.interval = Span{std::exp(span->low), std::exp(span->high)};
  duel.p = pairs.raw[pair];
  duel.p_holm = rules.share > 0 ? std::min(1.0, pairs.adjusted[pair] / rules.share) : 1;
  duel.deviation = deviation(lead);
  if (level > 0) duel.detectable = detectable(lead, level);
  if (level <= 0 || lead.size() < fewest_pairs(level)) return duel;
  duel.outcome = Outcome::unresolved;
  if (duel.p_holm >= rules.level) return duel;
  duel.outcome = (duel.ratio > 1) == (rules.better == Better::larger) ? Outcome::better : Outcome::worse;
  return duel;
}

Tournament judged(const Pairs& pairs, std::vector<std::size_t> ranking, const std::vector<Contender>& field,
                  const Rules& rules) {
  Tournament result;
  result.ranking = std::move(ranking);
  if (field.empty()) return result;
  const std::size_t leader = result.ranking.front();
  result.tied.push_back(leader);
  result.blocks = field[leader].values.size();
  if (field.size() > 1 && rules.share > 0)
    result.blocks_needed = fewest_pairs(rules.level * rules.share / static_cast<double>(pairs.raw.size()));
  result.resolved = field.size() > 1;
  for (std::size_t place = 1; place < result.ranking.size(); ++place) {
    const Duel duel = duel_of(pairs, leader, result.ranking[place], rules);
    result.blocks = std::min(result.blocks, duel.blocks);
    result.resolved = result.resolved && duel.outcome == Outcome::better;
    if (duel.outcome == Outcome::unresolved || duel.outcome == Outcome::too_few)
      result.tied.push_back(duel.other);
    result.duels.push_back(duel);
  }
  return result;
}

}  // namespace

std::string_view to_string(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::better:
      return "better";
    case Outcome::worse:
      return "worse";
    case Outcome::unresolved:
      return "unresolved";
    case Outcome::too_few:
      return "too_few_blocks";
  }
  return "";
}

Tournament judge(const std::vector<Contender>& field, const Rules& rules) {
  const Pairs pairs(field);
  return judged(pairs, ranked(pairs, rules.better), field, rules);
}

Tournament judge_against(std::size_t leader, const std::vector<Contender>& field, const Rules& rules) {
  const Pairs pairs(field);
  std::vector<std::size_t> ranking = ranked(pairs, rules.better);
  const auto place = std::find(ranking.begin(), ranking.end(), leader);
  std::rotate(ranking.begin(), place, place + 1);
  return judged(pairs, std::move(ranking), field, rules);
}

bool is_narrow(const Tournament& tournament, double precision) {
  return std::all_of(tournament.duels.begin(), tournament.duels.end(), [&](const Duel& duel) {
    return duel.interval && duel.interval->high <= duel.ratio * (1 + precision) &&
           duel.interval->low * (1 + precision) >= duel.ratio;
  });
}

}  // namespace crosstalk::reports
