// Pairs that others disturbed are measured again. The rule must not know which of the two was base and which head, nor how
// fast they were: a rule that looked at the result would choose it.
#pragma once

#include <cstddef>

#include "reports/csv_reader.h"

namespace crosstalk::harness::gate {

// Did the hypervisor or other programs take too much of either block (status contaminated, by --foreign-limit)? The same
// whichever of the two comes first.
[[nodiscard]] bool is_disturbed(const reports::RunRow& one, const reports::RunRow& other) noexcept;

// How many pairs had to be measured again. Above a share of kMost of all that were measured the machine is not fit for a
// verdict: those that look undisturbed are then luck.
class Repeats {
 public:
  static constexpr double kMost = 0.3;
  static constexpr std::size_t kFirst = 10;  // pairs before which no share is told

  void note(bool disturbed) noexcept {
    ++measured_;
    if (disturbed) ++disturbed_;
  }
  [[nodiscard]] std::size_t measured() const noexcept { return measured_; }
  [[nodiscard]] std::size_t disturbed() const noexcept { return disturbed_; }
  [[nodiscard]] bool too_many() const noexcept;

 private:
  std::size_t measured_ = 0;
  std::size_t disturbed_ = 0;
};

}  // namespace crosstalk::harness::gate
