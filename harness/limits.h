// The bounds of what may be asked for, on the command line and in a plan alike.
#pragma once

#include <cstdint>
#include <limits>

#include "harness/values.h"

namespace crosstalk::harness {

inline constexpr std::uint64_t kSecondNs = 1'000'000'000;
inline constexpr std::uint64_t kDayNs = 86'400 * kSecondNs;

inline constexpr WholeBounds kClientsBounds{1, 10'000'000};
inline constexpr WholeBounds kThreadsBounds{1, 1024};
inline constexpr WholeBounds kInflightBounds{1, 1'000'000};
inline constexpr WholeBounds kOperationsBounds{1, 1'000'000'000'000};
inline constexpr WholeBounds kRepetitionsBounds{1, 10'000};
inline constexpr WholeBounds kSeedBounds{0, std::numeric_limits<std::uint64_t>::max()};
inline constexpr WholeBounds kDurationBounds{1'000'000, 7 * kDayNs};
inline constexpr WholeBounds kWarmupBounds{0, kDayNs};
inline constexpr WholeBounds kOutsideBounds{0, 1'000'000};
inline constexpr WholeBounds kTimeoutBounds{kSecondNs, 60 * kDayNs};
inline constexpr RealBounds kRateBounds{0.001, 1e9};
inline constexpr RealBounds kTimeScaleBounds{0.001, 1e9};
inline constexpr RealBounds kForeignLimitBounds{0, 100};
inline constexpr RealBounds kLurkersBounds{0, 10'000};

// Trials of one plan.
inline constexpr std::uint64_t kPlanLimit = 1'000'000;
inline constexpr std::uint64_t kReferenceOpsLimit = 1'000'000'000;

}  // namespace crosstalk::harness
