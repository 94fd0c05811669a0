#include "reports/look_plan.h"

#include <algorithm>
#include <cmath>

#include "reports/sign_flip.h"

namespace crosstalk::reports {

std::vector<PlannedLook> plan_looks(std::size_t pairs_max, std::span<const double> fractions, double level,
                                    std::size_t columns) {
  if (pairs_max < fewest_flipped_pairs(level, columns)) return {};
  const double all = static_cast<double>(pairs_max);
  const auto can_reject = [&](std::size_t pairs, std::size_t before) {
    return pairs >= fewest_flipped_pairs(level * static_cast<double>(pairs - before) / all, columns);
  };
  std::vector<PlannedLook> looks;
  std::size_t before = 0;
  for (const double fraction : fractions) {
    std::size_t pairs = std::min(pairs_max, static_cast<std::size_t>(std::lround(fraction * all)));
    if (pairs <= before) continue;
    while (pairs < pairs_max && !can_reject(pairs, before)) ++pairs;
    if (!can_reject(pairs, before)) break;
    looks.push_back({pairs, static_cast<double>(pairs - before) / all});
    before = pairs;
  }
  if (before <
      pairs_max) {  // what is left would be too little for a look of its own: the last one comes at the end
    if (!looks.empty()) looks.pop_back();
    const std::size_t earlier = looks.empty() ? 0 : looks.back().pairs;
    looks.push_back({pairs_max, static_cast<double>(pairs_max - earlier) / all});
  }
  return looks;
}

}  // namespace crosstalk::reports
