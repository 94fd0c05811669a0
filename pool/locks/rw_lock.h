// rw_lock: a reader-writer lock that starves nobody and parks its waiters. It follows the phase-fair idea of
// Brandenburg and Anderson (Real-Time Systems 2010): reader and writer phases alternate while both wait.
//
// Bounds. A reader waits for at most one writer: the one that was present when it arrived; at that writer's unlock all
// waiting readers are let in together. Writers are served in order of arrival, and between two writers at most one
// batch of readers passes. At most 16,383 readers and 65,535 writers at a time.
//
// readers_: | 31..30 0 | 29 parity | 28 writer present | 27..14 waiting readers | 13..0 active readers |
// tickets_: | 31..16 next writer's ticket | 15..0 ticket being served |
//
//   present | active | meaning                             | reader arrives   | first writer in line
//   0       | 0      | free                                | active + 1       | present = 1, holds it
//   0       | n      | n readers hold it                   | active + 1       | present = 1, waits for active = 0
//   1       | n      | n readers hold it, a writer waits   | waiting + 1      | (is present)
//   1       | 0      | the writer holds it                 | waiting + 1      | (is present)
//
// unlock() in one step: active = waiting, waiting = 0, present = 0, parity flips. A waiting reader knows by the parity
// that it has been let in; the parity cannot flip twice past it, since the next writer waits for it to leave.
//
// Progress: lock(), lock_shared() block; the try_ forms are lock-free; unlock_shared() is wait-free, unlock()
// lock-free. Waiters spin briefly, then sleep in the kernel (std::atomic::wait; no pthread condition variable).
#pragma once

#include <atomic>
#include <cstdint>

#include "pool/cache_line.h"
#include "pool/contract.h"

namespace crosstalk::pool {

class RwLock {
 public:
  static constexpr LockContract kContract{.shared = true,
                                          .fairness = Fairness::bounded,
                                          .bypass_bound = 1,
                                          .parks = true,
                                          .algorithm = "phase-fair, ticketed writers, parks",
                                          .source = "after Brandenburg, Anderson 2010"};

  void lock() noexcept {
    // relaxed: a ticket only orders the writers; entering is ordered by (2).
    const std::uint32_t mine = tickets_.fetch_add(kNextOne, std::memory_order_relaxed) >> 16;
    wait_for_turn(mine);
    // relaxed: keeps new readers out; (2) orders the entry.
    readers_.fetch_or(kPresent, std::memory_order_relaxed);
    wait_for_readers();
  }

  [[nodiscard]] bool try_lock() noexcept {
    // (1) - acquire: synchronizes with the release of the last writer's turn (6).
    std::uint32_t tickets = tickets_.load(std::memory_order_acquire);
    if (tickets >> 16 != (tickets & kServing)) return false;
    // relaxed: the turn was ordered by (1), the data by the CAS below.
    if (!tickets_.compare_exchange_strong(tickets, tickets + kNextOne, std::memory_order_relaxed,
                                          std::memory_order_relaxed)) {
      return false;
    }
    // relaxed: validated by the CAS that follows.
    std::uint32_t seen = readers_.load(std::memory_order_relaxed);
    while ((seen & kActive) == 0) {
      // acquire: synchronizes with the readers' release (4) and the last writer's (5).
      if (readers_.compare_exchange_weak(seen, seen | kPresent, std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
        return true;
      }
    }
    pass_turn();
    return false;
  }

  void unlock() noexcept {
    // relaxed: validated by the CAS (5).
    std::uint32_t seen = readers_.load(std::memory_order_relaxed);
    std::uint32_t granted = 0;
    do {
      granted = (seen & kWaiting) >> kWaitingShift;
      // (5) - release: synchronizes with the acquires of readers (3), (7) and of the next writer (2).
    } while (!readers_.compare_exchange_weak(seen, ((seen & kParity) ^ kParity) | granted,
                                             std::memory_order_release, std::memory_order_relaxed));
    if (granted != 0) readers_.notify_all();
    pass_turn();
  }

  void lock_shared() noexcept {
    // relaxed: validated by the CAS (3).
    std::uint32_t seen = readers_.load(std::memory_order_relaxed);
    for (;;) {
      const std::uint32_t one = (seen & kPresent) != 0 ? kWaitingOne : kActiveOne;
      // (3) - acquire: synchronizes with the writer's release (5).
      if (readers_.compare_exchange_weak(seen, seen + one, std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
        if (one == kWaitingOne) wait_for_grant(seen & kParity);
        return;
      }
    }
  }

  [[nodiscard]] bool try_lock_shared() noexcept {
    // relaxed: validated by the CAS.
    std::uint32_t seen = readers_.load(std::memory_order_relaxed);
    while ((seen & kPresent) == 0) {
      // acquire: synchronizes with the writer's release (5).
      if (readers_.compare_exchange_weak(seen, seen + kActiveOne, std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  void unlock_shared() noexcept {
    // (4) - release: synchronizes with the writer's acquire (2).
    const std::uint32_t before = readers_.fetch_sub(kActiveOne, std::memory_order_release);
    // The last reader wakes the writer; waiting readers, who sleep on the same word, look and sleep again.
    if ((before & kActive) == 1 && (before & kPresent) != 0) readers_.notify_all();
  }

 private:
  static constexpr std::uint32_t kActive = (1U << 14) - 1;
  static constexpr std::uint32_t kActiveOne = 1;
  static constexpr unsigned kWaitingShift = 14;
  static constexpr std::uint32_t kWaiting = kActive << kWaitingShift;
  static constexpr std::uint32_t kWaitingOne = 1U << kWaitingShift;
  static constexpr std::uint32_t kPresent = 1U << 28;
  static constexpr std::uint32_t kParity = 1U << 29;
  static constexpr std::uint32_t kServing = (1U << 16) - 1;
  static constexpr std::uint32_t kNextOne = 1U << 16;
  static constexpr int kSpins = 64;

  // Waits until done(value) holds for the word, spinning first. (2), (7), (8) - acquire: synchronize with the releases
  // (4), (5) and (6).
  template <class Done>
  static void wait_until(const std::atomic<std::uint32_t>& word, Done done) noexcept {
    std::uint32_t seen = word.load(std::memory_order_acquire);
    for (int spins = 0; !done(seen); ++spins) {
      if (spins < kSpins) {
        cpu_relax();
      } else {
        // acquire: as the load above.
        word.wait(seen, std::memory_order_acquire);
      }
      seen = word.load(std::memory_order_acquire);
    }
  }

  void wait_for_turn(std::uint32_t mine) noexcept {
    wait_until(tickets_, [mine](std::uint32_t seen) { return (seen & kServing) == mine; });  // (8)
  }
  void wait_for_readers() noexcept {
    wait_until(readers_, [](std::uint32_t seen) { return (seen & kActive) == 0; });  // (2)
  }
  [[gnu::cold]] void wait_for_grant(std::uint32_t parity) noexcept {
    wait_until(readers_, [parity](std::uint32_t seen) { return (seen & kParity) != parity; });  // (7)
  }

  void pass_turn() noexcept {
    // relaxed: only the writer whose turn it is changes the lower half.
    const std::uint32_t serving = tickets_.load(std::memory_order_relaxed) & kServing;
    // (6) - release: synchronizes with the next writer's acquire (1), (8). The lower half must not carry over.
    const std::uint32_t before = serving == kServing ? tickets_.fetch_sub(kServing, std::memory_order_release)
                                                     : tickets_.fetch_add(1, std::memory_order_release);
    if (before >> 16 != ((serving + 1) & kServing)) tickets_.notify_all();
  }

  std::atomic<std::uint32_t> readers_{0};
  std::atomic<std::uint32_t> tickets_{0};
};
static_assert(sizeof(RwLock) == 8);

}  // namespace crosstalk::pool
