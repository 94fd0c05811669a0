#include "reports/change_points.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <utility>

#include "reports/paired.h"

namespace crosstalk::reports {

namespace {

constexpr double kSameDistance = 1e-9;  // sums in another order differ in the last digits

// Sums of the distances of the first values to each other: row m, column e is that of the first m to the first e. Only what
// lies right of the diagonal is made, as distances are the same both ways.
class DistanceSums {
 public:
  explicit DistanceSums(std::span<const double> values)
      : width_(values.size() + 1), sums_(width_ * width_), among_(width_), inverses_(width_) {
    for (std::size_t row = 0; row < values.size(); ++row) {
      const double* const above = &sums_[row * width_];
      double along = above[row + 1] - above[row];  // of the value to those before it, or of them to it
      double* const here = &sums_[(row + 1) * width_];
      here[row + 1] = above[row + 1] + along;
      among_[row + 1] = here[row + 1];
      inverses_[row + 1] = 1 / static_cast<double>(row + 1);
      for (std::size_t column = row + 1; column < values.size(); ++column) {
        along += std::abs(values[row] - values[column]);
        here[column + 1] = above[column + 1] + along;
      }
    }
  }

  // Of the first `middle` values to the first `end`.
  [[nodiscard]] double at(std::size_t middle, std::size_t end) const { return sums_[middle * width_ + end]; }
  // Of the first `count` values among themselves, every pair twice.
  [[nodiscard]] double among(std::size_t count) const { return among_[count]; }
  [[nodiscard]] double inverse(std::size_t number) const { return inverses_[number]; }

 private:
  std::size_t width_;
  std::vector<double> sums_, among_, inverses_;
};

// Of the first `middle` values and those behind them up to `end`. Without a division: this is where all the time goes.
double energy(const DistanceSums& sums, std::size_t middle, std::size_t end) {
  const std::size_t behind = end - middle;
  const double between = sums.at(middle, end) - sums.among(middle);
  const double mean_first = sums.among(middle) * sums.inverse(middle) * sums.inverse(middle - 1);
  const double mean_second =
      (sums.among(end) - sums.among(middle) - 2 * between) * sums.inverse(behind) * sums.inverse(behind - 1);
  const double m = static_cast<double>(middle);
  const double n = static_cast<double>(behind);
  return sums.inverse(end) * (2 * between - m * n * (mean_first + mean_second));
}

// Segments of the series between changes, and the best split of each.
struct Segment {
  std::size_t begin = 0, end = 0;
  Split split{};  // from the segment's begin on
};

Segment segment_of(std::span<const double> values, std::size_t begin, std::size_t end, std::size_t shortest) {
  return {begin, end, best_split(values.subspan(begin, end - begin), shortest)};
}

void shuffle(std::vector<double>& values, std::size_t begin, std::size_t end, std::mt19937_64& random) {
  for (std::size_t left = end - begin; left > 1; --left)
    std::swap(values[begin + left - 1], values[begin + random() % left]);
}

// The chance that some segment of a random order has a split as distant; above the level, no longer exactly.
double p_of_split(std::span<const double> values, const std::vector<Segment>& segments, double distance,
                  const ChangeRules& rules, std::mt19937_64& random) {
  std::size_t hits = 1;
  std::vector<double> shuffled(values.begin(), values.end());
  const double all = static_cast<double>(rules.orders + 1);
  for (std::size_t order = 0; order < rules.orders && static_cast<double>(hits) <= rules.level * all;
       ++order) {
    for (const Segment& segment : segments) {
      shuffle(shuffled, segment.begin, segment.end, random);
      const auto stretch =
          std::span<const double>(shuffled).subspan(segment.begin, segment.end - segment.begin);
      if (best_split(stretch, rules.shortest).distance < distance * (1 - kSameDistance)) continue;
      ++hits;
      break;
    }
  }
  return static_cast<double>(hits) / all;
}

double median_of(std::span<const double> values, std::size_t begin, std::size_t end) {
  return median({values.begin() + static_cast<std::ptrdiff_t>(begin),
                 values.begin() + static_cast<std::ptrdiff_t>(end)});
}

void require_sense(std::span<const double> values, const ChangeRules& rules) {
  if (rules.shortest < 2) throw std::invalid_argument("a segment must have at least 2 values");
  if (rules.level * static_cast<double>(rules.orders + 1) < 1)
    throw std::invalid_argument("of so few random orders no change can be found at this level");
  for (const double value : values) {
    if (!std::isfinite(value)) throw std::invalid_argument("a series must have finite values");
  }
}

}  // namespace

Split best_split(std::span<const double> values, std::size_t shortest) {
  Split best;
  if (values.size() < 2 * shortest) return best;
  const DistanceSums sums(values);
  for (std::size_t middle = shortest; middle + shortest <= values.size(); ++middle) {
    // Not only up to the end of the series: a second change there would hide this one.
    for (std::size_t end = middle + shortest; end <= values.size(); ++end) {
      const double distance = energy(sums, middle, end);
      if (distance > best.distance) best = {0, middle, end, distance};
    }
  }
  return best;
}

std::vector<ChangePoint> change_points(std::span<const double> values, ChangeRules rules) {
  require_sense(values, rules);
  std::mt19937_64 random(rules.seed);
  std::vector<Segment> segments{segment_of(values, 0, values.size(), rules.shortest)};
  std::vector<ChangePoint> changes;
  for (;;) {
    const auto most = std::max_element(
        segments.begin(), segments.end(),
        [](const Segment& a, const Segment& b) { return a.split.distance < b.split.distance; });
    if (most->split.distance <= 0) break;
    const double p = p_of_split(values, segments, most->split.distance, rules, random);
    if (p > rules.level) break;
    const std::size_t at = most->begin + most->split.middle;
    changes.push_back({.at = at, .p = p});
    const Segment after = segment_of(values, at, most->end, rules.shortest);
    *most = segment_of(values, most->begin, at, rules.shortest);
    segments.push_back(after);
  }
  std::sort(changes.begin(), changes.end(),
            [](const ChangePoint& a, const ChangePoint& b) { return a.at < b.at; });
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const std::size_t begin = i == 0 ? 0 : changes[i - 1].at;
    const std::size_t end = i + 1 == changes.size() ? values.size() : changes[i + 1].at;
    changes[i].before = median_of(values, begin, changes[i].at);
    changes[i].after = median_of(values, changes[i].at, end);
  }
  return changes;
}

double lag_one(std::span<const double> values) {
  if (values.size() < 3) return 0;
  double mean = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  double squares = 0;
  double products = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    squares += (values[i] - mean) * (values[i] - mean);
    if (i > 0) products += (values[i] - mean) * (values[i - 1] - mean);
  }
  return squares > 0 ? products / squares : 0;
}

}  // namespace crosstalk::reports
