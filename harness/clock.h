// The clock of the timed loop: the processor's time-stamp counter where it is invariant, else steady_clock.
// Instants are ticks of a free-running 64-bit counter, comparable between threads of one machine.
//
// A clock may also be driven by hand. In virtual time a trial is exact: waits end at their instant, and calls take as
// long as the server says.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace crosstalk::harness {

// Time that only passes when somebody says so. For one thread that waits and calls; others may read it.
class VirtualTime {
 public:
  // Nanoseconds. relaxed: the instant is all there is to be seen.
  [[nodiscard]] std::uint64_t now() const noexcept { return now_.load(std::memory_order_relaxed); }
  void pass(std::uint64_t ns) noexcept { now_.store(now() + ns, std::memory_order_relaxed); }
  void pass_until(std::uint64_t instant) noexcept {
    if (instant > now()) now_.store(instant, std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> now_{1'000'000'000};
};

class Clock {
 public:
  // Chooses the source and, for the time-stamp counter, measures its rate against steady_clock (20 ms).
  static Clock calibrated();
  // steady_clock: 1 tick = 1 ns.
  static Clock steady() noexcept { return Clock(); }
  // `time` must outlive the clock and its copies: 1 tick = 1 ns.
  static Clock driven_by(VirtualTime& time) noexcept {
    Clock clock;
    clock.virtual_ = &time;
    return clock;
  }

  // The present instant. Wait-free. The counter is read without a fence: the processor may move the reading by some
  // ten instructions, which is below what two readings cost.
  [[nodiscard]] std::uint64_t now() const noexcept {
#if defined(__x86_64__)
    if (tsc_) return __rdtsc();
#endif
    if (virtual_ != nullptr) return virtual_->now();
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  }

  // Exact to one part in 2^32. A span of ticks must stay below 2^63 / ticks per ns (about a century). To the nearest
  // nanosecond: rounding down would take half a nanosecond off every operation, 5 % of the shortest.
  [[nodiscard]] std::uint64_t to_ns(std::uint64_t ticks) const noexcept {
    return static_cast<std::uint64_t>((static_cast<Wide>(ticks) * ns_per_tick_q32_ + kHalf) >> 32);
  }
  // Rounds down. What is longer than decades counts as so long that an instant so much later is never reached and does not
  // wrap; what is not a number too.
  [[nodiscard]] std::uint64_t to_ticks(double ns) const noexcept {
    // Signed, which is one instruction.
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(std::min(kDecadesTicks, ns * ticks_per_ns_)));
  }

  [[nodiscard]] bool is_tsc() const noexcept {
    return tsc_;
  }
  [[nodiscard]] double ticks_per_ns() const noexcept {
    return ticks_per_ns_;
  }
  // Null: time passes by itself.
  [[nodiscard]] VirtualTime* virtual_time() const noexcept {
    return virtual_;
  }

 private:
  __extension__ using Wide = unsigned __int128;

  Clock() = default;

  static constexpr std::uint64_t kHalf = std::uint64_t{1} << 31;
  static constexpr double kDecadesTicks = 0x1p62;

  VirtualTime* virtual_ = nullptr;
  bool tsc_ = false;
  std::uint64_t ns_per_tick_q32_ = std::uint64_t{1} << 32;
  double ticks_per_ns_ = 1;
};

}  // namespace crosstalk::harness
