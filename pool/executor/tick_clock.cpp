#include "pool/executor/tick_clock.h"

#if defined(__x86_64__) && !defined(CROSSTALK_EXPLORED)
#include <cpuid.h>
#endif

namespace crosstalk::pool {

namespace {

// Not where the explorer (harness/explore/) makes time: there each reading of the counter is a signal.
bool counter_is_invariant() noexcept {
#if defined(__x86_64__) && !defined(CROSSTALK_EXPLORED)
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  return __get_cpuid(0x80000007U, &a, &b, &c, &d) != 0 && (d >> 8U & 1U) != 0;
#else
  return false;
#endif
}

}  // namespace

TickClock::TickClock() noexcept : counter_(counter_is_invariant()) {
  first_tick_ = now();
  first_ns_ = steady_ns();
}

const TickClock& TickClock::instance() noexcept {
  static const TickClock clock;
  return clock;
}

std::chrono::nanoseconds TickClock::duration(std::uint64_t ticks) const noexcept {
  std::uint64_t passed_ticks = now() - first_tick_;
  std::uint64_t passed_ns = steady_ns() - first_ns_;
  while (passed_ns < 100'000) {  // too short to know the rate by
    passed_ticks = now() - first_tick_;
    passed_ns = steady_ns() - first_ns_;
  }
  const double rate = counter_ ? static_cast<double>(passed_ns) / static_cast<double>(passed_ticks) : 1.0;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(ticks) * rate));
}

}  // namespace crosstalk::pool
