// The clock of the timed loop: the processor's time-stamp counter where it is invariant, else steady_clock.
// Instants are ticks of a free-running 64-bit counter, comparable between threads of one machine.
#pragma once

#include <chrono>
#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace crosstalk::harness {

class Clock {
 public:
  // Chooses the source and, for the time-stamp counter, measures its rate against steady_clock (20 ms).
  static Clock calibrated();
  // steady_clock: 1 tick = 1 ns.
  static Clock steady() noexcept { return Clock(); }

  // The present instant. Wait-free. The counter is read without a fence: the processor may move the reading by some
  // ten instructions, which is below what two readings cost.
  [[nodiscard]] std::uint64_t now() const noexcept {
#if defined(__x86_64__)
    if (tsc_) return __rdtsc();
#endif
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  }

  // Both round down; exact to one part in 2^32. A span of ticks must stay below 2^63 / ticks per ns (about a century).
  [[nodiscard]] std::uint64_t to_ns(std::uint64_t ticks) const noexcept {
    return static_cast<std::uint64_t>((static_cast<Wide>(ticks) * ns_per_tick_q32_) >> 32);
  }
  [[nodiscard]] std::uint64_t to_ticks(double ns) const noexcept {
    return static_cast<std::uint64_t>(ns * ticks_per_ns_);
  }

  [[nodiscard]] bool is_tsc() const noexcept {
    return tsc_;
  }
  [[nodiscard]] double ticks_per_ns() const noexcept {
    return ticks_per_ns_;
  }

 private:
  __extension__ using Wide = unsigned __int128;

  Clock() = default;

  bool tsc_ = false;
  std::uint64_t ns_per_tick_q32_ = std::uint64_t{1} << 32;
  double ticks_per_ns_ = 1;
};

}  // namespace crosstalk::harness
