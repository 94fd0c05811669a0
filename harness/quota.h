// How a number of operations is shared out over drivers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "harness/trial_input.h"

namespace crosstalk::harness {

// How many operations driver `index` does in the measured phase at most: an equal share of all of them. A driver whose
// clients do nothing takes no share.
[[nodiscard]] inline std::uint64_t quota_of(const TrialInput& input, unsigned index) noexcept {
  if (input.options.operations == 0) return ~std::uint64_t{0};
  const auto busy = [](const std::vector<workloads::Op>& ops) { return !ops.empty(); };
  const auto& drivers = *input.drivers;
  const auto sharing = static_cast<std::uint64_t>(std::count_if(drivers.begin(), drivers.end(), busy));
  if (!busy(drivers[index])) return 0;
  const auto place =
      static_cast<std::uint64_t>(std::count_if(drivers.begin(), drivers.begin() + index, busy));
  return input.options.operations / sharing + (place < input.options.operations % sharing ? 1 : 0);
}

}  // namespace crosstalk::harness
