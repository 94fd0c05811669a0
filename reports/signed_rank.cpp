#include "reports/signed_rank.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace crosstalk::reports {

namespace {

constexpr std::size_t kExactPairs = 200;

// Twice the ranks, so that mean ranks of ties are whole, of all differences that are not 0.
struct SignedRanks {
  std::vector<std::size_t> doubled;
  std::size_t positive = 0;  // sum over the positive differences
  std::size_t total = 0;
};

SignedRanks ranks_of(std::span<const double> differences) {
  std::vector<double> sorted(differences.begin(), differences.end());
  std::sort(sorted.begin(), sorted.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  SignedRanks ranks;
  for (std::size_t begin = 0; begin < sorted.size();) {
    // ln(a/b) and ln(b/a) may differ in the last digit.
    const double largest = std::abs(sorted[begin]) * (1 + 1e-12);
    std::size_t end = begin;
    while (end < sorted.size() && std::abs(sorted[end]) <= largest) ++end;
    const std::size_t doubled = begin + 1 + end;  // first rank + last rank
    for (std::size_t i = begin; i < end && sorted[i] != 0; ++i) {
      ranks.doubled.push_back(doubled);
      ranks.total += doubled;
      if (sorted[i] > 0) ranks.positive += doubled;
    }
    begin = end;
  }
  return ranks;
}

// P(W <= bound) over all patterns of signs, W the sum of the ranks of one side.
double exact_tail(const std::vector<std::size_t>& ranks, std::size_t bound) {
  std::vector<double> ways(bound + 1, 0);
  ways[0] = 1;
  for (const std::size_t rank : ranks) {
    for (std::size_t sum = bound; sum >= rank; --sum) ways[sum] += ways[sum - rank];
  }
  return std::accumulate(ways.begin(), ways.end(), 0.0) / std::pow(2.0, static_cast<double>(ranks.size()));
}

double normal_tail(const std::vector<std::size_t>& ranks, std::size_t total, std::size_t bound) {
  double squares = 0;
  for (const std::size_t rank : ranks) squares += static_cast<double>(rank) * static_cast<double>(rank);
  const double mean = static_cast<double>(total) / 2;
  const double z = (static_cast<double>(bound) + 1 - mean) / std::sqrt(squares / 4);  // + 1: half a step
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

}  // namespace

double signed_rank_p(std::span<const double> differences, Side side) {
  const SignedRanks ranks = ranks_of(differences);
  if (ranks.doubled.empty()) return 1;
  const std::size_t negative = ranks.total - ranks.positive;
  const std::size_t bound = side == Side::greater ? negative : std::min(negative, ranks.positive);
  const double tail = ranks.doubled.size() <= kExactPairs ? exact_tail(ranks.doubled, bound)
                                                          : normal_tail(ranks.doubled, ranks.total, bound);
  return side == Side::greater ? tail : std::min(1.0, 2 * tail);
}

std::size_t signed_rank_drop(std::size_t n, double tail) {
  std::vector<std::size_t> ranks(n);
  std::iota(ranks.begin(), ranks.end(), std::size_t{1});
  const std::size_t largest = n * (n + 1) / 2;
  const auto below = [&](std::size_t k) {  // P(W < k)
    if (n <= kExactPairs) return exact_tail(ranks, k - 1);
    double squares = 0;
    for (const std::size_t rank : ranks) squares += static_cast<double>(rank) * static_cast<double>(rank);
    const double z =
        (static_cast<double>(k) - 0.5 - static_cast<double>(largest) / 2) / std::sqrt(squares / 4);
    return 0.5 * std::erfc(-z / std::sqrt(2.0));
  };
  std::size_t good = 0;
  std::size_t bad = largest / 2 + 1;  // half of all patterns lie below it, more than any tail
  if (n == 0 || below(1) > tail) return 0;
  while (bad - good > 1) {
    const std::size_t middle = good + (bad - good) / 2;
    (below(middle) <= tail ? good : bad) = middle;
  }
  return good;
}

std::size_t fewest_pairs(double level) {
  std::size_t n = 1;
  while (std::pow(2.0, 1 - static_cast<double>(n)) > level) ++n;
  return n;
}

}  // namespace crosstalk::reports
