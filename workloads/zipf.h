// Ranks 0 .. n-1 with p(k) ~ (k + 1 + offset)^-exponent: Zipf for offset 0, else Zipf-Mandelbrot; any
// exponent >= 0. From a table, so exact for every exponent, 1 and below included, which the closed-form
// generators in common use are not.
#pragma once

#include <cstddef>

#include "workloads/portable_math.h"
#include "workloads/random.h"
#include "workloads/weighted.h"

namespace crosstalk::workloads {

[[nodiscard]] inline double zipf_weight(std::size_t rank, double exponent, double offset) noexcept {
  return portable_pow(static_cast<double>(rank + 1) + offset, -exponent);
}

class Zipf {
 public:
  Zipf(std::size_t n, double exponent, double offset = 0) {
    table_.reserve(n);
    for (std::size_t rank = 0; rank < n; ++rank) table_.add(zipf_weight(rank, exponent, offset));
  }

  [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }
  [[nodiscard]] double probability(std::size_t rank) const noexcept { return table_.probability(rank); }

  // size() must not be 0.
  std::size_t draw(RandomStream& random) const noexcept { return table_.draw(random); }
  // One of the first n ranks, 0 < n <= size().
  std::size_t draw_of_first(std::size_t n, RandomStream& random) const noexcept {
    return table_.draw_of_first(n, random);
  }

 private:
  Weighted table_;
};

}  // namespace crosstalk::workloads
