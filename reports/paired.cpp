#include "reports/paired.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "reports/signed_rank.h"

namespace crosstalk::reports {

namespace {

constexpr std::size_t kExactUpTo = 16;
constexpr std::uint32_t kRandomPatterns = 65'536;

double flipped_sum(std::span<const double> differences, std::uint64_t signs) {
  double sum = 0;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    sum += ((signs >> (i % 64)) & 1) != 0 ? -differences[i] : differences[i];
  }
  return std::abs(sum);
}

std::vector<double> walsh_averages(std::span<const double> differences) {
  std::vector<double> averages;
  averages.reserve(differences.size() * (differences.size() + 1) / 2);
  for (std::size_t i = 0; i < differences.size(); ++i) {
    for (std::size_t j = i; j < differences.size(); ++j)
      averages.push_back((differences[i] + differences[j]) / 2);
  }
  std::sort(averages.begin(), averages.end());
  return averages;
}

}  // namespace

std::vector<double> log_ratios(std::span<const double> a, std::span<const double> b) {
  std::vector<double> result;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) result.push_back(std::log(a[i] / b[i]));
  return result;
}

double sign_flip_p(std::span<const double> differences) {
  if (differences.empty()) return 1;
  const double observed = flipped_sum(differences, 0);
  const double at_least = observed * (1 - 1e-12);  // sums in another order differ in the last digit
  if (differences.size() <= kExactUpTo) {
    const std::uint64_t patterns = std::uint64_t{1} << differences.size();
    std::uint64_t extreme = 0;
    for (std::uint64_t signs = 0; signs < patterns; ++signs) {
      extreme += flipped_sum(differences, signs) >= at_least ? 1 : 0;
    }
    return static_cast<double>(extreme) / static_cast<double>(patterns);
  }
  std::uint64_t state = 0x9E3779B97F4A7C15ULL;
  std::uint32_t extreme = 1;
  for (std::uint32_t i = 1; i < kRandomPatterns; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    extreme += flipped_sum(differences, state) >= at_least ? 1 : 0;
  }
  return static_cast<double>(extreme) / kRandomPatterns;
}

double hodges_lehmann(std::span<const double> differences) {
  return differences.empty() ? 0 : median(walsh_averages(differences));
}

std::optional<Span> hodges_lehmann_interval(std::span<const double> differences, double confidence) {
  if (differences.empty()) return std::nullopt;
  const std::size_t drop = signed_rank_drop(differences.size(), (1 - confidence) / 2);
  if (drop == 0) return std::nullopt;
  const std::vector<double> averages = walsh_averages(differences);
  return Span{averages[drop - 1], averages[averages.size() - drop]};
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, std::min(1.0, p[order[i]] * static_cast<double>(p.size() - i)));
    adjusted[order[i]] = largest;
  }
  return adjusted;
}

std::vector<std::vector<double>> holm_of_families(std::span<const std::vector<double>> p) {
  struct Place {
    std::size_t family, hypothesis;
  };
  std::vector<Place> order;
  std::vector<std::size_t> left;
  std::vector<std::vector<double>> adjusted(p.begin(), p.end());
  for (std::size_t family = 0; family < p.size(); ++family) {
    for (std::size_t i = 0; i < p[family].size(); ++i) order.push_back({family, i});
    left.push_back(p[family].size());
  }
  std::stable_sort(order.begin(), order.end(), [&](const Place& a, const Place& b) {
    return p[a.family][a.hypothesis] < p[b.family][b.hypothesis];
  });
  std::size_t open = p.size() - static_cast<std::size_t>(std::count(left.begin(), left.end(), 0U));
  double largest = 0;
  for (const Place& place : order) {
    double& value = adjusted[place.family][place.hypothesis];
    largest = std::max(largest, std::min(1.0, value * static_cast<double>(open)));
    value = largest;
    if (--left[place.family] == 0) --open;
  }
  return adjusted;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double jain(std::span<const double> values) {
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  const double squares = std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
  if (squares == 0) return 1;
  return sum * sum / (static_cast<double>(values.size()) * squares);
}

}  // namespace crosstalk::reports
