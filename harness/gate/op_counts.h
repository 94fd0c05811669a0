// The second channel, free of noise or nearly so: what a message costs in things that can be counted.
//
// Exact counts are those of a replay (run --count): equal programs have equal ones, to the last digit, so any difference is one of
// the code. The others are medians of the blocks of each side: equal work on the same trace, but the kernel and the other threads
// have their part in them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/csv_reader.h"

namespace crosstalk::harness::gate {

struct OpCount {
  std::string name;  // "errors", "page faults", "waits"; "locks", "allocations", ... (kReplayed)
  double base = 0;   // per operation; where it is not exact, median over the blocks
  double head = 0;
  std::string op{"all"};         // kind of operation
  std::uint64_t operations = 0;  // that were counted in the replay; 0: it is not of one
  bool exact = false;            // counted in a replay, and twice with the same answer on each side

  [[nodiscard]] double change() const noexcept { return base > 0 ? head / base - 1 : 0; }
  [[nodiscard]] bool has_changed() const noexcept { return exact && base != head; }
  [[nodiscard]] bool has_grown() const noexcept { return exact && head > base; }
};

// What both sides measured, and what is not 0 on both. `base` and `head`: rows "all" of sound blocks.
[[nodiscard]] std::vector<OpCount> op_counts(const std::vector<reports::RunRow>& base,
                                             const std::vector<reports::RunRow>& head);

// Of rows that hold counts, all kinds of operation of one trial or several, what both sides have: every exact count, 0 or not, kind by
// kind; then the share of acquisitions that found a lock taken, which is not exact. Empty: nothing was counted.
[[nodiscard]] std::vector<OpCount> replayed_counts(const std::vector<reports::RunRow>& base,
                                                   const std::vector<reports::RunRow>& head);

// Those that have grown, the kinds rather than their sum, the most important first: each thing that is counted in its order, of
// it the kind that has grown most over all operations.
[[nodiscard]] std::vector<OpCount> grown_counts(const std::vector<OpCount>& counts);

}  // namespace crosstalk::harness::gate
