// semaphore: a counting semaphore with deadlines.
//
// state_: | 63..32 permits | 31..0 waiters |
//
// Invariant: permits taken <= initial + permits released. Not fair: a thread that comes while permits are there may take
// one before a waiter that has just been woken. Waiters sleep on the upper half while it is 0, which a release changes. A
// release wakes as many as it gives permits. Who is woken, or gives up, takes a permit if one is there, so that no wake-up
// is spent on somebody who leaves a permit lying.
//
// Progress: try_acquire() and release() are lock-free; the others block until a permit is there or the deadline passes.
// Waiters look for some microseconds (brief_wait.h), by which a deadline may be overrun, then sleep in the kernel and cost
// nothing. It may be destroyed as soon as the last permit waited for is taken:
// release() does not touch it after the step that gives the permits.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "pool/sync/brief_wait.h"
#include "pool/sync/futex.h"

namespace crosstalk::pool {

class Semaphore {
 public:
  static constexpr std::uint32_t kMost = (std::uint32_t{1} << 31) - 1;

  // Throws std::invalid_argument above kMost.
  explicit Semaphore(std::uint32_t permits) : state_(permits * kPermit) {
    if (permits > kMost) {
      throw std::invalid_argument("Semaphore: permits must be at most " + std::to_string(kMost) + ", got " +
                                  std::to_string(permits));
    }
  }
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  [[nodiscard]] bool try_acquire() noexcept { return take(kPermit); }
  void acquire() noexcept {
    if (!try_acquire()) static_cast<void>(wait(kNoDeadline));
  }
  // False if the deadline passed first. One that has passed already is a try_acquire().
  [[nodiscard]] bool try_acquire_until(Deadline deadline) noexcept { return try_acquire() || wait(deadline); }
  [[nodiscard]] bool try_acquire_for(std::chrono::nanoseconds time) noexcept {
    return try_acquire() || wait(deadline_in(time));
  }

  // Throws std::overflow_error, and releases nothing, where there would be more than kMost permits.
  void release(std::uint32_t count = 1) {
    // relaxed: validated by the CAS.
    std::uint64_t seen = state_.load(std::memory_order_relaxed);
    do {
      if (count > kMost - (seen / kPermit)) {
        throw std::overflow_error("Semaphore: would have more than " + std::to_string(kMost) + " permits, " +
                                  std::to_string(seen / kPermit) + " and " + std::to_string(count));
      }
      // (2) - release: synchronizes with who takes the permit (1).
    } while (!state_.compare_exchange_weak(seen, seen + count * kPermit, std::memory_order_release,
                                           std::memory_order_relaxed));
    if ((seen & kWaiters) != 0 && count != 0) {
      futex_wake(permits_word(), static_cast<int>(std::min<std::uint64_t>(count, seen & kWaiters)));
    }
  }

  // Of this moment.
  [[nodiscard]] std::uint32_t available() const noexcept {
    // relaxed: may be out of date as soon as it is read.
    return static_cast<std::uint32_t>(state_.load(std::memory_order_relaxed) / kPermit);
  }

 private:
  static constexpr std::uint64_t kWaiters = ~std::uint32_t{0};
  static constexpr std::uint64_t kWaiter = 1;
  static constexpr std::uint64_t kPermit = std::uint64_t{1} << 32;

  // Subtracts `what`, a permit and perhaps a waiter, if there is a permit.
  bool take(std::uint64_t what) noexcept {
    // relaxed: validated by the CAS.
    std::uint64_t seen = state_.load(std::memory_order_relaxed);
    while (seen >= kPermit) {
      // (1) - acquire: synchronizes with the release of a permit (2).
      if (state_.compare_exchange_weak(seen, seen - what, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  [[gnu::cold]] bool wait(Deadline deadline) noexcept {
    if (has_passed(deadline)) return false;
    if (wait_briefly([this]() noexcept { return take(kPermit); })) return true;
    // relaxed: a count for release(); the word's own order puts it before the looks that follow.
    state_.fetch_add(kWaiter, std::memory_order_relaxed);
    while (!take(kPermit + kWaiter)) {
      if (!has_passed(deadline) && futex_wait(permits_word(), 0, deadline)) continue;
      return give_up();
    }
    return true;
  }

  // True if a permit was there to be taken after all.
  bool give_up() noexcept {
    // relaxed: validated by the CAS.
    std::uint64_t seen = state_.load(std::memory_order_relaxed);
    // acquire: as (1), for one who takes a permit.
    while (!state_.compare_exchange_weak(seen, seen - kWaiter - (seen >= kPermit ? kPermit : 0),
                                         std::memory_order_acquire, std::memory_order_relaxed)) {
    }
    return seen >= kPermit;
  }

  // For the kernel alone, which compares it with 0.
  [[nodiscard]] const std::uint32_t* permits_word() const noexcept {
    return reinterpret_cast<const std::uint32_t*>(&state_) +
           (std::endian::native == std::endian::little ? 1 : 0);
  }

  std::atomic<std::uint64_t> state_;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace crosstalk::pool
