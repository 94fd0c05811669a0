// The clock of histories: no shared memory, so that reading it orders nothing that is observed.
#pragma once

#include <chrono>
#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace crosstalk::harness::verify {

// Before an operation begins: nothing of it is done before the reading.
[[nodiscard]] inline std::uint64_t ticks_before() noexcept {
#if defined(__x86_64__)
  _mm_lfence();
  return __rdtsc();
#else
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

// After it has ended: all of it is done before the reading.
[[nodiscard]] inline std::uint64_t ticks_after() noexcept {
#if defined(__x86_64__)
  unsigned processor = 0;
  return __rdtscp(&processor);
#else
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

}  // namespace crosstalk::harness::verify
