// semaphore: a counting semaphore with deadlines.
//
// Invariant: permits taken <= initial + permits released. Not fair: a thread that comes while permits are there may take
// one before a waiter that has just been woken.
//
// Progress: try_acquire() and release() are lock-free; the others block until a permit is there or the deadline passes.
// Waiters sleep in the kernel and cost nothing.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>

#include "pool/sync/event_count.h"

namespace crosstalk::pool {

class Semaphore {
 public:
  static constexpr std::uint32_t kMost = (std::uint32_t{1} << 31) - 1;

  // Throws std::invalid_argument above kMost.
  explicit Semaphore(std::uint32_t permits) : permits_(permits) {
    if (permits > kMost) throw std::invalid_argument("Semaphore: must have at most 2147483647 permits");
  }
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  [[nodiscard]] bool try_acquire() noexcept {
    // relaxed: validated by the CAS.
    std::uint32_t seen = permits_.load(std::memory_order_relaxed);
    while (seen > 0) {
      // (1) - acquire: synchronizes with the release of a permit (2).
      if (permits_.compare_exchange_weak(seen, seen - 1, std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }
  void acquire() noexcept {
    events_.await([this] { return try_acquire(); });
  }
  // False if the deadline passed first. One that has passed already is a try_acquire().
  [[nodiscard]] bool try_acquire_until(Deadline deadline) noexcept {
    return events_.await([this] { return try_acquire(); }, deadline);
  }
  [[nodiscard]] bool try_acquire_for(std::chrono::nanoseconds time) noexcept {
    return try_acquire_until(deadline_in(time));
  }

  // Throws std::overflow_error, and releases nothing, where there would be more than kMost permits.
  void release(std::uint32_t count = 1) {
    // relaxed: validated by the CAS.
    std::uint32_t seen = permits_.load(std::memory_order_relaxed);
    do {
      if (count > kMost - seen) throw std::overflow_error("Semaphore: more than 2147483647 permits");
      // (2) - release: synchronizes with who takes the permit (1).
    } while (!permits_.compare_exchange_weak(seen, seen + count, std::memory_order_release,
                                             std::memory_order_relaxed));
    if (count == 1) {
      events_.notify_one();
    } else if (count > 1) {
      events_.notify_all();
    }
  }

  // Of this moment.
  [[nodiscard]] std::uint32_t available() const noexcept {
    // relaxed: may be out of date as soon as it is read.
    return permits_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint32_t> permits_;
  EventCount events_;
};

}  // namespace crosstalk::pool
