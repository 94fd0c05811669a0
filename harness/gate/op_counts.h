// The second channel, free of noise or nearly so: what a message costs in things that can be counted. Medians of the blocks of
// each side; equal work on the same trace, so that a difference is one of the code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/csv_reader.h"

namespace crosstalk::harness::gate {

struct OpCount {
  std::string name;  // "errors", "page faults", "waits"
  double base = 0;   // per operation, median over the blocks
  double head = 0;
  [[nodiscard]] double change() const noexcept { return base > 0 ? head / base - 1 : 0; }
};

// What both sides measured, and what is not 0 on both. `base` and `head`: rows "all" of sound blocks.
[[nodiscard]] std::vector<OpCount> op_counts(const std::vector<reports::RunRow>& base,
                                             const std::vector<reports::RunRow>& head);

}  // namespace crosstalk::harness::gate
