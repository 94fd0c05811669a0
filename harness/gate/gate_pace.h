// In which measure a gate spends its time: for the gate that measures, and the one that is replayed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "reports/sequential_gate.h"

namespace crosstalk::harness::gate {

// One of so many pairs is the control's.
inline constexpr std::uint64_t kControlEvery = 6;
// What confirmations may take beyond the budget, as a share of it.
inline constexpr double kConfirmShare = 0.5;

// What a round measures of all that is ordered. Confirmations come first, and of several the one that lacks the fewest pairs
// alone: a regression is then told after some twenty seconds. If they all took turns, with each other and with what is still
// searched, none would be complete when the time ends, and the slower everything had become, the less could be said.
[[nodiscard]] inline std::vector<reports::PairOrder> round_of(std::vector<reports::PairOrder> orders) {
  const auto is_before = [](const reports::PairOrder& a, const reports::PairOrder& b) {
    const bool a_searches = a.phase == reports::GatePhase::search;
    const bool b_searches = b.phase == reports::GatePhase::search;
    return a_searches != b_searches ? b_searches : a.pairs < b.pairs;
  };
  const auto first = std::min_element(orders.begin(), orders.end(), is_before);
  if (first == orders.end() || first->phase == reports::GatePhase::search) return orders;
  return {*first};
}

}  // namespace crosstalk::harness::gate
