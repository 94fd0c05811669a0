// ticket_lock: first come, first served (Mellor-Crummey and Scott, TOCS 1991, section 2.2).
//
// Invariant: next - serving = threads that hold or wait. The thread whose ticket equals `serving` holds the lock.
// A waiter pauses in proportion to its distance from the front. It yields the processor when it has waited long, and at
// once when the line is longer than there are processors: a line whose first thread does not run makes all the others wait.
//
// Progress: lock() blocks, FIFO; try_lock() is lock-free; unlock() is wait-free.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>

#include <sched.h>

#include "pool/contract.h"
#include "pool/locks/spin_then_yield.h"

namespace crosstalk::pool {

class TicketLock {
 public:
  static constexpr LockContract kContract{.fairness = Fairness::fifo,
                                          .bypass_bound = 0,
                                          .algorithm = "ticket, proportional backoff, yield",
                                          .source = "Mellor-Crummey, Scott 1991"};

  void lock() noexcept {
    // relaxed: a ticket only orders the waiters; entering is ordered by (1).
    const std::uint32_t ticket = next_.fetch_add(1, std::memory_order_relaxed);
    // (1) - acquire: synchronizes with the release in unlock() (3).
    if (serving_.load(std::memory_order_acquire) != ticket) wait_for(ticket);
  }

  [[nodiscard]] bool try_lock() noexcept {
    // (2) - acquire: synchronizes with the release in unlock() (3).
    std::uint32_t ticket = serving_.load(std::memory_order_acquire);
    // relaxed: success means that nobody holds the lock since (2), which ordered it.
    return next_.compare_exchange_strong(ticket, ticket + 1, std::memory_order_relaxed,
                                         std::memory_order_relaxed);
  }

  void unlock() noexcept {
    // relaxed: only the holder writes it. (3) - release: synchronizes with (1), (2) and (4).
    serving_.store(serving_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  // For tests: changes whenever somebody joins the line.
  [[nodiscard]] std::uint64_t line_end() const noexcept {
    // relaxed: a value to compare.
    return next_.load(std::memory_order_relaxed);
  }

 private:
  // Pauses for each thread ahead of the next one: about as long as a short critical section and its handing over.
  static constexpr std::uint32_t kPausesPerThread = 16;

  [[gnu::cold]] [[gnu::noinline]] void wait_for(std::uint32_t ticket) noexcept {
    static const std::uint32_t processors = std::max(std::thread::hardware_concurrency(), 1U);
    SpinThenYield wait;
    for (;;) {
      // (4) - acquire: synchronizes with the release in unlock() (3).
      const std::uint32_t ahead = ticket - serving_.load(std::memory_order_acquire);
      if (ahead == 0) return;
      if (ahead >= processors) {
        // With this one there are more threads in the line than processors: one of those ahead can have its place.
        sched_yield();
      } else {
        // The next one looks all the time, who comes later in proportion to the distance.
        wait.pause(1 + (ahead - 1) * kPausesPerThread);
      }
    }
  }

  std::atomic<std::uint32_t> next_{0};
  std::atomic<std::uint32_t> serving_{0};
};
static_assert(sizeof(TicketLock) == 8);

}  // namespace crosstalk::pool
