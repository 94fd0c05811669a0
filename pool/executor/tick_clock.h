// tick_clock: the cheapest clock there is, for the pool's statistics only: the processor's time-stamp counter where it
// runs at one rate on all processors, else the steady clock. Deadlines never use it.
//
// Progress: now() is wait-free.
#pragma once

#include <chrono>
#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace crosstalk::pool {

class TickClock {
 public:
  // An instant in ticks, comparable within this process. Of two threads the later may read a little less.
  [[nodiscard]] std::uint64_t now() const noexcept {
#if defined(__x86_64__)
    if (counter_) return __rdtsc();
#endif
    return steady_ns();
  }
  // How long so many ticks last. The rate is the one seen since the process made its first clock.
  [[nodiscard]] std::chrono::nanoseconds duration(std::uint64_t ticks) const noexcept;

  // The clock of this process.
  [[nodiscard]] static const TickClock& instance() noexcept;

 private:
  TickClock() noexcept;
  [[nodiscard]] static std::uint64_t steady_ns() noexcept {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  }

  bool counter_ = false;
  std::uint64_t first_tick_ = 0;
  std::uint64_t first_ns_ = 0;
};

}  // namespace crosstalk::pool
