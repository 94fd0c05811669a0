// A latency histogram of fixed size: 64 buckets per octave, so that a bucket's midpoint is within 0.79 % of every
// value in it; values below 128 ns are exact. Range to 2^45 ns (almost ten hours); larger values are counted as
// overflow and still raise the exact maximum. The log-linear layout is that of fio's stat.h and HdrHistogram.
//
// Trivially copyable; one writer at a time. record() is wait-free, noexcept and allocates nothing.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace crosstalk::reports {

class Histogram {
 public:
  static constexpr unsigned kSubBits = 6;
  static constexpr unsigned kRangeBits = 45;
  static constexpr std::uint64_t kExactBelow = std::uint64_t{1} << (kSubBits + 1);
  static constexpr std::uint64_t kRange = std::uint64_t{1} << kRangeBits;
  static constexpr std::size_t kBuckets = (kRangeBits - kSubBits + 1) << kSubBits;

  // `value` in nanoseconds, or in any other unit that the caller keeps to.
  void record(std::uint64_t value) noexcept {
    // Branches that are hardly ever taken cost less here than a store each time.
    if (value < min_) min_ = value;
    if (value > max_) max_ = value;
    sum_ += value;
    ++count_;
    if (value >= kRange) [[unlikely]] {
      ++overflow_;
    } else {
      ++buckets_[index_of(value)];
    }
  }
  void record(std::uint64_t value, std::uint64_t times) noexcept {
    if (times == 0) return;
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
    sum_ += value * times;
    count_ += times;
    if (value >= kRange) [[unlikely]] {
      overflow_ += times;
    } else {
      buckets_[index_of(value)] += times;
    }
  }

  // Has a histogram such a bucket? The one of the overflow, which begins at kRange, may end anywhere.
  [[nodiscard]] static bool is_bucket(std::uint64_t low, std::uint64_t high) noexcept {
    if (low >= kRange) return low == kRange && high >= low;
    const std::size_t index = index_of(low);
    return low_of(index) == low && high_of(index) == high;
  }
  // Puts back what for_each_bucket() visited, a bucket that is_bucket(). The smallest value becomes the bucket's lower
  // bound, the largest its upper one, the mean that of midpoints.
  void restore(std::uint64_t low, std::uint64_t high, std::uint64_t count) noexcept;
  // What is known better of the values that were restored: the largest and the mean of them.
  void refine(std::uint64_t max, double mean) noexcept;

  // Adds every value of `other`; loses nothing.
  void merge(const Histogram& other) noexcept;
  void clear() noexcept { *this = Histogram(); }

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t overflow() const noexcept { return overflow_; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  // Exact; 0 while empty.
  [[nodiscard]] std::uint64_t min() const noexcept { return count_ == 0 ? 0 : min_; }
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
  // Exact as long as the sum of all values stays below 2^70; beyond that, or with values in the overflow, as good as a
  // bucket.
  [[nodiscard]] double mean() const noexcept {
    return count_ == 0 ? 0 : whole_sum() / static_cast<double>(count_);
  }

  // The value below which a share p of all values lies, p in [0, 1]; midpoint of its bucket, clamped to min and max.
  // Empty where fewer than 5.6 / (1 - p) values make it a guess (the sample size at which the upper bound of its
  // 95 % order-statistic interval is finite).
  [[nodiscard]] std::optional<std::uint64_t> percentile(double p) const noexcept;
  // The same however few values there are; 0 while empty.
  [[nodiscard]] std::uint64_t percentile_of_few(double p) const noexcept;

  // visit(low, high, count) for every bucket with values, ascending; values v with low <= v <= high. Overflow comes
  // last, as one bucket from kRange to max().
  template <class Visit>
  void for_each_bucket(Visit&& visit) const {
    for (std::size_t i = 0; i < kBuckets; ++i) {
      if (buckets_[i] != 0) visit(low_of(i), high_of(i), buckets_[i]);
    }
    if (overflow_ != 0) visit(kRange, max_, overflow_);
  }

 private:
  // Values below 128 have a bucket each; above, the six bits behind the leading one choose it.
  static constexpr std::size_t index_of(std::uint64_t value) noexcept {
    if (value < kExactBelow) return static_cast<std::size_t>(value);
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - (kSubBits + 1);
    return (std::size_t{shift} << kSubBits) + static_cast<std::size_t>(value >> shift);
  }
  static constexpr std::uint64_t low_of(std::size_t index) noexcept {
    if (index < kExactBelow) return index;
    const std::size_t shift = (index >> kSubBits) - 1;
    return (std::uint64_t{index & 63} + 64) << shift;
  }
  static constexpr std::uint64_t high_of(std::size_t index) noexcept {
    if (index < kExactBelow) return index;
    return low_of(index) + (std::uint64_t{1} << ((index >> kSubBits) - 1)) - 1;
  }

  // The sum of all values. How often it has passed 2^64 the buckets say, so that recording carries nothing over.
  [[nodiscard]] double whole_sum() const noexcept;

  std::uint64_t count_ = 0;
  std::uint64_t overflow_ = 0;
  std::uint64_t min_ = ~std::uint64_t{0};
  std::uint64_t max_ = 0;
  std::uint64_t sum_ = 0;  // modulo 2^64: see whole_sum()
  std::array<std::uint64_t, kBuckets> buckets_{};
};
static_assert(sizeof(Histogram) <= 32 * 1024);

}  // namespace crosstalk::reports
