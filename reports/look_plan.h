// When to look at pairs that are not all there yet, and what each look may spend of the error allowed.
//
// Looks lie at given shares of the largest number of pairs, 30, 45, 67.5 and 100 % (12, 18, 27, 40), a factor of 1.5 apart.
// The look at n_k pairs spends level (n_k - n_(k-1)) / n_max: Lan and DeMets (1983), of the family of Kim and DeMets (1987)
// the one with rho = 1. p-values are discrete: of n pairs and m metrics judged together the smallest that can be counted on
// is m / 2^n. A look whose share is below that could not reject whatever it saw, so it comes later, when it can.
// (Three pairs that must all have the same sign are a gate that is always green.)
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace crosstalk::reports {

struct PlannedLook {
  std::size_t pairs = 0;
  double share = 0;  // of the level; all together 1
};

// `level`: what the worst placed hypothesis gets of all looks together, that is the level of the gate over the number of
// families that Holm counts. `fractions`: rising, the last one 1. `columns`: metrics judged together. Looks that meet are
// merged. Empty: with so few pairs not even one look, at the end, could reject.
[[nodiscard]] std::vector<PlannedLook> plan_looks(std::size_t pairs_max, std::span<const double> fractions,
                                                  double level, std::size_t columns);

}  // namespace crosstalk::reports
