// Draws indices in proportion to their weights, from a table of cumulative weights: O(log n) a draw.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "workloads/random.h"

namespace crosstalk::workloads {

class Weighted {
 public:
  void reserve(std::size_t n) { cumulative_.reserve(n); }
  // weight >= 0.
  void add(double weight) { cumulative_.push_back(sum() + weight); }

  [[nodiscard]] std::size_t size() const noexcept { return cumulative_.size(); }
  [[nodiscard]] double sum() const noexcept { return cumulative_.empty() ? 0 : cumulative_.back(); }
  [[nodiscard]] double probability(std::size_t k) const noexcept {
    return (cumulative_[k] - (k == 0 ? 0 : cumulative_[k - 1])) / cumulative_.back();
  }

  // sum() must be above 0.
  std::size_t draw(RandomStream& random) const noexcept { return draw_of_first(size(), random); }
  // Among the first n only, whose weights must not all be 0.
  std::size_t draw_of_first(std::size_t n, RandomStream& random) const noexcept {
    const auto end = cumulative_.begin() + static_cast<std::ptrdiff_t>(n);
    const auto found = std::upper_bound(cumulative_.begin(), end, random.uniform() * *(end - 1));
    // The product may round up to the sum.
    return std::min(static_cast<std::size_t>(found - cumulative_.begin()), n - 1);
  }

 private:
  std::vector<double> cumulative_;
};

}  // namespace crosstalk::workloads
