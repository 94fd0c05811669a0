// Waits for an instant: asleep while it is far away, spinning at the end, since a sleeping thread wakes 50 to 100 us
// late. Drivers that share a processor, or are asked to be sparing, only sleep.
//
// The two parts can be had one by one: whoever approaches an instant, prepares, and then arrives at it is not late by what
// the preparation takes.
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
      : clock_(clock),
        margin_ticks_(spin ? clock.to_ticks(kMarginNs) : 0),
        lead_ticks_(clock.to_ticks(kLeadNs)),
        stop_(stop) {}

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

  // The first part: returns near the instant, at most the time that may be spun away before it; at it where nothing may
  // be; or early if the trial is to stop. Returns the present instant. In virtual time nothing passes.
  std::uint64_t approach(std::uint64_t instant) const noexcept {
    std::uint64_t now = clock_.now();
    while (now < instant && instant - now > margin_ticks_ && !stopped() && clock_.virtual_time() == nullptr) {
      sleep(clock_.to_ns(instant - now - margin_ticks_));
      now = clock_.now();
    }
    return now;
  }

  // The second part, after approach(): spins, and returns the present instant, that of the operation's begin. A stop is not
  // looked for.
  //
  // The loop ends a little before the instant, by what it takes to find out that it has ended, a mispredicted branch, and
  // to read the clock once more: that reading is the begin, so that none of it counts as service.
  [[gnu::always_inline]] std::uint64_t arrive(std::uint64_t instant) const noexcept {
    std::uint64_t now = clock_.now();
    if (now >= instant) return now;
    if (VirtualTime* time = clock_.virtual_time()) [[unlikely]] {
      time->pass_until(instant);
      return clock_.now();
    }
    while (now + lead_ticks_ < instant) {
      pool::cpu_relax();
      now = clock_.now();
    }
    do {
      now = clock_.now();
    } while (now < instant);
    return now;
  }

  // relaxed: only says that it is time to end; nothing is read on its strength.
  [[nodiscard]] bool stopped() const noexcept {
    return stop_ != nullptr && stop_->load(std::memory_order_relaxed);
  }

 private:
  static constexpr double kMarginNs = 150'000;
  static constexpr double kLeadNs = 25;
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
  std::uint64_t lead_ticks_;
  const std::atomic<bool>* stop_;
};

}  // namespace crosstalk::harness
