// The words of every choice, in files and on the command line, in the order of the enumeration.
#pragma once

#include <array>
#include <string_view>

namespace crosstalk::harness {

inline constexpr std::array<std::string_view, 5> kLoadWords{"closed", "constant", "poisson", "hawkes",
                                                            "trace"};
inline constexpr std::array<std::string_view, 3> kPinWords{"spread", "compact", "none"};
inline constexpr std::array<std::string_view, 2> kPathWords{"direct", "pooled"};
inline constexpr std::array<std::string_view, 3> kChecksWords{"off", "live", "full"};
inline constexpr std::array<std::string_view, 5> kQueuePolicyWords{"block", "reject", "caller_runs",
                                                                   "block_timeout", "drop_oldest"};
inline constexpr std::array<std::string_view, 3> kCounterWords{"locked", "atomic", "striped"};

inline constexpr std::array<std::string_view, 3> kDispatchWords{"inline", "pooled", "thread"};
inline constexpr std::array<std::string_view, 2> kAllocatorWords{"arena", "system"};
inline constexpr std::array<std::string_view, 2> kPaceWords{"spin", "sleep"};
inline constexpr std::array<std::string_view, 2> kStoreWords{"memory", "sqlite"};

}  // namespace crosstalk::harness
