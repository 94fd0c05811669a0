#include "reports/rival_rules.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "reports/detectable.h"
#include "reports/paired.h"

namespace crosstalk::reports {

namespace {

constexpr std::size_t kExactProducts = 400;
constexpr std::size_t kRivalResamples = 2'000;
constexpr double kNever = -1;

using Sample = std::span<const double>;

double mean_value(Sample values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median_value(Sample values) {
  return median({values.begin(), values.end()});
}

struct RankSum {
  double u = 0;     // pairs (a, b) with a above b, equal ones half
  double ties = 0;  // sum of t^3 - t over groups of t equal values
};

RankSum rank_sum(Sample a, Sample b) {
  RankSum result;
  for (const double x : a) {
    for (const double y : b) result.u += x > y ? 1 : x == y ? 0.5 : 0;
  }
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  std::sort(all.begin(), all.end());
  for (auto begin = all.begin(); begin != all.end();) {
    const auto end = std::upper_bound(begin, all.end(), *begin);
    const double group = static_cast<double>(end - begin);
    result.ties += group * group * group - group;
    begin = end;
  }
  return result;
}

// P(U >= u) where all orders of m + n values are equally likely.
double exact_upper_tail(std::size_t m, std::size_t n, double u) {
  // ways[i][s]: sets of i places among those so far with rank sum above the least of s.
  std::vector<std::vector<double>> ways(m + 1, std::vector<double>(m * n + 1, 0));
  ways[0][0] = 1;
  for (std::size_t place = 0; place < m + n; ++place) {
    for (std::size_t i = std::min(m, place + 1); i >= 1; --i) {
      const std::size_t rise =
          place - (i - 1);  // of U by putting the i-th value of a here: so many of b below
      if (rise > n) continue;
      for (std::size_t s = m * n; s + 1 > rise; --s) {
        ways[i][s] += ways[i - 1][s - rise];
        if (s == 0) break;
      }
    }
  }
  const double all = std::accumulate(ways[m].begin(), ways[m].end(), 0.0);
  double tail = 0;
  for (std::size_t s = static_cast<std::size_t>(std::ceil(u)); s <= m * n; ++s) tail += ways[m][s];
  return tail / all;
}

constexpr double kFivePerCent = 1.3010299956639813;

// -log10(p) of "different", as it stands if head is the slower one, else with its sign turned.
double signed_u(Sample base, Sample head) {
  const double significance = -std::log10(std::max(mann_whitney_p(base, head), 1e-300));
  return median_value(head) > median_value(base) ? significance : -significance;
}

double asv_score(Sample base, Sample head) {
  return mann_whitney_p(base, head) < 0.002 ? median_value(head) / median_value(base) : kNever;
}

double ratio_of_means(Sample base, Sample head) {
  return mean_value(head) / mean_value(base);
}

double ratio_of_last(Sample base, Sample head) {
  return head.back() / base.back();
}

double t_of(Sample base, Sample head) {
  const double error = std::sqrt(std::pow(deviation(base), 2) / static_cast<double>(base.size()) +
                                 std::pow(deviation(head), 2) / static_cast<double>(head.size()));
  return error > 0 ? (mean_value(head) - mean_value(base)) / error : 0;
}

class Resampler {
 public:
  std::vector<double> draw(Sample from, std::size_t count) {
    std::vector<double> drawn(count);
    for (double& value : drawn) value = from[random_() % from.size()];
    return drawn;
  }

 private:
  std::mt19937_64 random_{1};
};

bool differs(Sample base, Sample head, Resampler& resampler) {
  std::vector<double> pooled(base.begin(), base.end());
  pooled.insert(pooled.end(), head.begin(), head.end());
  const double observed = t_of(base, head);
  std::size_t below = 0;
  for (std::size_t i = 0; i < kRivalResamples; ++i) {
    const auto one = resampler.draw(pooled, base.size());
    const auto other = resampler.draw(pooled, head.size());
    below += t_of(one, other) < observed ? 1 : 0;
  }
  const std::size_t tail = std::min(below, kRivalResamples - below);
  return 2 * static_cast<double>(tail) / static_cast<double>(kRivalResamples) < 0.05;
}

}  // namespace

double mann_whitney_p(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return 1;
  const double m = static_cast<double>(a.size());
  const double n = static_cast<double>(b.size());
  const RankSum sum = rank_sum(a, b);
  const double larger = std::max(sum.u, m * n - sum.u);
  if (sum.ties == 0 && a.size() * b.size() <= kExactProducts)
    return std::min(1.0, 2 * exact_upper_tail(a.size(), b.size(), larger));
  const double all = m + n;
  const double variance = m * n / 12 * (all + 1 - sum.ties / (all * (all - 1)));
  if (variance <= 0) return 1;
  const double z = (larger - m * n / 2 - 0.5) / std::sqrt(variance);
  return std::min(1.0, std::erfc(z / std::sqrt(2.0)));
}

double ratio_in_sigmas(std::span<const double> base, std::span<const double> head) {
  const double ratio = ratio_of_means(base, head);
  const double sigma =
      ratio * std::hypot(deviation(base) / mean_value(base), deviation(head) / mean_value(head));
  return sigma > 0 ? (ratio - 1) / sigma : 0;
}

double criterion_change(std::span<const double> base, std::span<const double> head) {
  Resampler resampler;
  if (!differs(base, head, resampler)) return kNever;
  std::vector<double> changes;
  for (std::size_t i = 0; i < kRivalResamples; ++i) {
    const auto one = resampler.draw(base, base.size());
    const auto other = resampler.draw(head, head.size());
    changes.push_back(mean_value(other) / mean_value(one) - 1);
  }
  std::sort(changes.begin(), changes.end());
  return changes[kRivalResamples / 40];
}

const std::vector<RivalRule>& rival_rules() {
  static const std::vector<RivalRule> rules{
      {"U test (compare.py, benchstat)", Design::sequential, kFivePerCent, signed_u},
      {"U test, interleaved", Design::paired, kFivePerCent, signed_u},
      {"hyperfine mean - sigma", Design::sequential, 1, ratio_in_sigmas},
      {"Criterion", Design::sequential, 0.01, criterion_change},
      {"asv continuous", Design::rounds, 1.1, asv_score},
      {"110 % of the mean", Design::sequential, 1.1, ratio_of_means},
      {"200 % of the stored", Design::stored, 2, ratio_of_last}};
  return rules;
}

}  // namespace crosstalk::reports
