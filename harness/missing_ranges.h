// Numbers that are missing from a sequence, as ranges in ascending order: few, and mostly taken from the lowest on.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace crosstalk::harness {

class MissingRanges {
 public:
  [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }

  // Adds low to high, both included, above all that are there.
  void add(std::uint64_t low, std::uint64_t high) { ranges_.push_back({low, high}); }

  [[nodiscard]] bool contains(std::uint64_t number) const noexcept {
    return std::any_of(ranges_.begin(), ranges_.end(),
                       [&](const Range& range) { return range.low <= number && number <= range.high; });
  }
  // How many, and how many of them below `most`, which is not missing itself.
  [[nodiscard]] std::uint64_t count() const noexcept {
    std::uint64_t sum = 0;
    for (const Range& range : ranges_) sum += range.high - range.low + 1;
    return sum;
  }
  [[nodiscard]] std::uint64_t count_up_to(std::uint64_t most) const noexcept {
    std::uint64_t sum = 0;
    for (const Range& range : ranges_) {
      if (range.low < most) sum += std::min(range.high, most) - range.low + 1;
    }
    return sum;
  }

  // Takes the number out if it is the lowest of all; else false.
  bool take_lowest(std::uint64_t number) noexcept {
    Range& lowest = ranges_.front();
    if (lowest.low != number) return false;
    if (lowest.high == number) {
      ranges_.erase(ranges_.begin());
    } else {
      ++lowest.low;
    }
    return true;
  }
  // Takes the number out; false if it is not there.
  bool take(std::uint64_t number) {
    for (auto range = ranges_.begin(); range != ranges_.end(); ++range) {
      if (number < range->low || number > range->high) continue;
      take_from(range, number);
      return true;
    }
    return false;
  }

 private:
  struct Range {
    std::uint64_t low;
    std::uint64_t high;
  };

  void take_from(std::vector<Range>::iterator range, std::uint64_t number) {
    if (range->low == range->high) {
      ranges_.erase(range);
    } else if (number == range->low) {
      ++range->low;
    } else if (number == range->high) {
      --range->high;
    } else {
      const std::uint64_t high = range->high;
      range->high = number - 1;
      ranges_.insert(range + 1, {number + 1, high});
    }
  }

  std::vector<Range> ranges_;
};

}  // namespace crosstalk::harness
