// VectorClock: how much of every thread's past is known somewhere (Mattern 1989; as used by FastTrack, Flanagan and Freund 2009).
#pragma once

#include <cstdint>

namespace crosstalk::harness::explore {

inline constexpr int kMaxThreads = 16;

struct VectorClock {
  std::uint32_t at[kMaxThreads];

  void join(const VectorClock& other) noexcept {
    for (int i = 0; i < kMaxThreads; ++i) {
      if (other.at[i] > at[i]) at[i] = other.at[i];
    }
  }
  void clear() noexcept {
    for (std::uint32_t& each : at) each = 0;
  }
};

}  // namespace crosstalk::harness::explore
