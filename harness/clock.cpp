#include "harness/clock.h"

#include <fstream>
#include <string>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace crosstalk::harness {

namespace {

#if defined(__x86_64__)
// The counter runs at one rate in every power state (CPUID 80000007h, EDX bit 8), and the kernel trusts it too:
// where it does not, the counters of the processors may differ.
bool tsc_is_usable() {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  if (__get_cpuid(0x80000007U, &eax, &ebx, &ecx, &edx) == 0 || (edx & (1U << 8)) == 0) return false;
  std::ifstream file("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  std::string source;
  file >> source;
  return source == "tsc" || source == "kvm-clock" || source.empty();
}

struct Instant {
  std::uint64_t tsc;
  std::chrono::steady_clock::time_point steady;
};

// The reading with the shortest distance between two counter readings around steady_clock: an interruption in
// between would spoil the pair.
Instant best_instant() {
  Instant best{};
  std::uint64_t shortest = ~std::uint64_t{0};
  for (int i = 0; i < 50; ++i) {
    const std::uint64_t before = __rdtsc();
    const auto steady = std::chrono::steady_clock::now();
    const std::uint64_t after = __rdtsc();
    if (after - before >= shortest) continue;
    shortest = after - before;
    best = {before + (after - before) / 2, steady};
  }
  return best;
}
#endif

}  // namespace

Clock Clock::calibrated() {
  Clock clock;
#if defined(__x86_64__)
  if (!tsc_is_usable()) return clock;
  const Instant first = best_instant();
  while (std::chrono::steady_clock::now() - first.steady < std::chrono::milliseconds(20)) {
  }
  const Instant second = best_instant();
  const std::chrono::duration<double, std::nano> elapsed = second.steady - first.steady;
  clock.ticks_per_ns_ = static_cast<double>(second.tsc - first.tsc) / elapsed.count();
  clock.ns_per_tick_q32_ = static_cast<std::uint64_t>(4294967296.0 / clock.ticks_per_ns_ + 0.5);
  clock.tsc_ = true;
#endif
  return clock;
}

}  // namespace crosstalk::harness
