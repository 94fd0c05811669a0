// Waits for an instant: asleep while it is far away, spinning at the end, since a sleeping thread wakes 50 to 100 us
// late. Drivers that share a processor, or are asked to be sparing, only sleep.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <ctime>

#include "harness/clock.h"
#include "pool/cache_line.h"

namespace crosstalk::harness {

class Pacer {
 public:
  Pacer(const Clock& clock, bool spin, const std::atomic<bool>* stop) noexcept
      : clock_(clock), margin_ticks_(spin ? clock.to_ticks(kMarginNs) : 0), stop_(stop) {}

  // Returns at `instant`, at once if it has passed, or early if the trial is to stop. Returns the present instant.
  std::uint64_t wait_until(std::uint64_t instant) const noexcept {
    if (VirtualTime* time = clock_.virtual_time()) [[unlikely]] {
      time->pass_until(instant);
      return clock_.now();
    }
    std::uint64_t now = clock_.now();
    while (now < instant) {
      if (stopped()) return now;
      if (instant - now > margin_ticks_) {
        sleep(clock_.to_ns(instant - now - margin_ticks_));
      } else {
        pool::cpu_relax();
      }
      now = clock_.now();
    }
    return now;
  }

  // relaxed: only says that it is time to end; nothing is read on its strength.
  [[nodiscard]] bool stopped() const noexcept {
    return stop_ != nullptr && stop_->load(std::memory_order_relaxed);
  }

 private:
  static constexpr double kMarginNs = 150'000;
  static constexpr std::uint64_t kLongestSleepNs = 50'000'000;  // how long a stop may go unnoticed
  // A sleep ends some 40 us late whatever was asked for: sleeping for each of several instants that lie closer together
  // than that takes the processor and gains nothing.
  static constexpr std::uint64_t kShortestSleepNs = 10'000;

  static void sleep(std::uint64_t ns) noexcept {
    const std::uint64_t length = std::clamp(ns, kShortestSleepNs, kLongestSleepNs);
    const timespec time{0, static_cast<long>(length)};
    nanosleep(&time, nullptr);
  }

  Clock clock_;
  std::uint64_t margin_ticks_;
  const std::atomic<bool>* stop_;
};

}  // namespace crosstalk::harness
