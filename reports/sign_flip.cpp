#include "reports/sign_flip.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <utility>

#include "reports/paired.h"

namespace crosstalk::reports {

namespace {

// Sums of the same scores in another order differ in the last digits.
constexpr double kSlack = 1e-9;
// In units of the median size. Of 1, 1.25, 1.5 and 2, signed ranks and signs alone this one found most in simulations of normal
// noise and of noise with 10 and 25 % of wild pairs together: 2 is ruled by wild pairs, as ranks are, 1 is near to signs alone.
constexpr double kClip = 1.25;
constexpr std::size_t kMostPatterns = (std::size_t{1} << 22) - 1;
constexpr std::size_t kFewestPatterns = 9'999;
constexpr double kPatternsInTail = 20;

// Values beyond the margin, clipped, divided so that their sizes add up to 1. 0 where there is none.
std::vector<double> scores_of(const std::vector<double>& column, double margin) {
  std::vector<double> scores(column.size(), 0);
  std::vector<double>
      sizes;  // of those that take a side: where most are equal to the margin, their median would be 0
  for (std::size_t i = 0; i < column.size(); ++i) {
    if (std::isnan(column[i]) || column[i] == margin) continue;
    scores[i] = column[i] - margin;
    sizes.push_back(std::abs(scores[i]));
  }
  const double most = kClip * median(std::move(sizes));
  double sum = 0;
  for (double& score : scores) {
    score = std::clamp(score, -most, most);
    sum += std::abs(score);
  }
  if (sum > 0) {
    for (double& score : scores) score /= sum;
  }
  return scores;
}

// In how many pairs it takes a side.
std::size_t sides_of(const std::vector<double>& scores) {
  return static_cast<std::size_t>(
      std::count_if(scores.begin(), scores.end(), [](double score) { return score != 0; }));
}

// Of the columns' scores those with sides enough; where none has, those that have most.
std::vector<std::size_t> judged_columns(const std::vector<std::vector<double>>& scores, std::size_t fewest) {
  std::size_t most = 0;
  for (const std::vector<double>& each : scores) most = std::max(most, sides_of(each));
  std::vector<std::size_t> judged;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (most > 0 && sides_of(scores[i]) >= std::min(fewest, most)) judged.push_back(i);
  }
  return judged;
}

// The sum of eight scores under each of 256 patterns of signs: a pattern of n pairs costs n / 8 additions.
using Octet = std::array<double, 256>;

std::vector<Octet> octets_of(const std::vector<double>& scores) {
  std::vector<Octet> octets((scores.size() + 7) / 8);
  for (std::size_t octet = 0; octet < octets.size(); ++octet) {
    for (std::size_t signs = 0; signs < 256; ++signs) {
      double sum = 0;
      for (std::size_t bit = 0; bit < 8 && octet * 8 + bit < scores.size(); ++bit) {
        const double score = scores[octet * 8 + bit];
        sum += ((signs >> bit) & 1) != 0 ? -score : score;
      }
      octets[octet][signs] = sum;
    }
  }
  return octets;
}

// All patterns of signs in turn, or random ones; of each the statistics of all columns.
class Flipper {
 public:
  Flipper(const std::vector<std::vector<double>>& scores, FlipPatterns patterns)
      : pairs_(scores.empty() ? 0 : scores.front().size()),
        counted_(pairs_ <= kFlipsCountedUpTo),
        count_(counted_ ? std::size_t{1} << pairs_ : patterns.count),
        random_(patterns.seed) {
    for (const std::vector<double>& each : scores) octets_.push_back(octets_of(each));
  }

  // Calls visit(statistics) for every pattern; the observed signs are one of them where all are counted.
  template <typename Visit>
  void each(Visit visit) {
    std::vector<double> statistics(octets_.size());
    std::vector<std::uint8_t> signs((pairs_ + 7) / 8);
    for (std::size_t pattern = 0; pattern < count_; ++pattern) {
      std::uint64_t word = pattern;
      for (std::size_t octet = 0; octet < signs.size(); ++octet, word >>= 8) {
        if (!counted_ && octet % 8 == 0) word = random_();
        signs[octet] = static_cast<std::uint8_t>(word);
      }
      for (std::size_t column = 0; column < octets_.size(); ++column) {
        double sum = 0;
        for (std::size_t octet = 0; octet < signs.size(); ++octet)
          sum += octets_[column][octet][signs[octet]];
        statistics[column] = sum;
      }
      visit(statistics);
    }
  }

  [[nodiscard]] double p(std::size_t hits) const {
    const double extra = counted_ ? 0 : 1;  // the observed signs are a pattern too
    return (static_cast<double>(hits) + extra) / (static_cast<double>(count_) + extra);
  }

 private:
  std::size_t pairs_;
  bool counted_;
  std::size_t count_;
  std::mt19937_64 random_;
  std::vector<std::vector<Octet>> octets_;
};

}  // namespace

std::size_t patterns_for(double boundary) {
  const double needed = std::ceil(kPatternsInTail / boundary) - 1;
  if (!(needed < static_cast<double>(kMostPatterns))) return kMostPatterns;
  return std::max(kFewestPatterns, static_cast<std::size_t>(std::max(needed, 0.0)));
}

std::vector<double> max_t_p(const LossColumns& columns, std::span<const double> margins,
                            FlipPatterns patterns, std::size_t fewest) {
  std::vector<std::vector<double>> all, scores;
  for (std::size_t i = 0; i < columns.size(); ++i) all.push_back(scores_of(columns[i], margins[i]));
  const std::vector<std::size_t> judged = judged_columns(all, fewest);
  std::vector<double> adjusted(columns.size(), 1);
  if (judged.empty()) return adjusted;
  std::vector<double> observed;
  for (const std::size_t column : judged) {
    observed.push_back(std::accumulate(all[column].begin(), all[column].end(), 0.0) - kSlack);
    scores.push_back(std::move(all[column]));
  }
  std::vector<std::size_t> smallest_first(judged.size());
  std::iota(smallest_first.begin(), smallest_first.end(), std::size_t{0});
  std::stable_sort(smallest_first.begin(), smallest_first.end(),
                   [&](std::size_t a, std::size_t b) { return observed[a] < observed[b]; });
  std::vector<std::size_t> hits(judged.size());
  Flipper flipper(scores, patterns);
  flipper.each([&](const std::vector<double>& statistics) {
    double largest = -1e300;  // of the column and of all that are observed to be smaller
    for (const std::size_t column : smallest_first) {
      largest = std::max(largest, statistics[column]);
      hits[column] += largest >= observed[column] ? 1 : 0;
    }
  });
  double last = 0;
  for (auto column = smallest_first.rbegin(); column != smallest_first.rend(); ++column) {
    last = std::max(last, flipper.p(hits[*column]));
    adjusted[judged[*column]] = last;
  }
  return adjusted;
}

double control_p(const LossColumns& columns, FlipPatterns patterns, std::size_t fewest) {
  std::vector<std::vector<double>> all, scores;
  for (const std::vector<double>& column : columns) all.push_back(scores_of(column, 0));
  double observed = 0;
  for (const std::size_t column : judged_columns(all, fewest)) {
    scores.push_back(std::move(all[column]));
    observed = std::max(observed, std::abs(std::accumulate(scores.back().begin(), scores.back().end(), 0.0)));
  }
  if (scores.empty()) return 1;
  std::size_t hits = 0;
  Flipper flipper(scores, patterns);
  flipper.each([&](const std::vector<double>& statistics) {
    hits += std::any_of(statistics.begin(), statistics.end(),
                        [&](double each) { return std::abs(each) >= observed - kSlack; })
                ? 1
                : 0;
  });
  return flipper.p(hits);
}

std::size_t fewest_flipped_pairs(double level, std::size_t columns) {
  std::size_t pairs = 1;
  while (std::ldexp(static_cast<double>(columns), -static_cast<int>(pairs)) > level) ++pairs;
  return pairs;
}

}  // namespace crosstalk::reports
