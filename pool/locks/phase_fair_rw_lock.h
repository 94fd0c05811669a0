// phase_fair_rw_lock: reader and writer phases alternate while both wait, writers among themselves first come, first
// served: PF-T of Brandenburg and Anderson (Spin-Based Reader-Writer Synchronization for Multiprocessor Real-Time Systems,
// Real-Time Systems 2010, section 3.2). The paper keeps the number of writers served in a word of its own; here it lies in
// the word of the readers, as the phase that they wait to be over, so that a writer leaves in one step.
//
//   in_:   | 63..32 readers that came | 31..1 writers served | 0 a writer is present |
//   out_:  readers that left          tickets_: writers that came
//
//   present | came - left | meaning                          | reader arrives     | the writer whose turn it is
//   0       | 0           | free                             | came + 1, is in    | present = 1, is in
//   0       | n           | n readers are in                 | came + 1, is in    | present = 1, waits for those n
//   1       | n           | a writer waits for readers or is | came + 1, waits    | - (it is the one)
//           |             | in; later readers wait           | for the phase      |
//
// Invariants: present is set by the writer whose ticket equals `served`, and cleared by it together with served + 1. A writer
// waits for the readers that came before it set present, and no others. A reader that waits has come already, so the next
// writer waits for it: the phase cannot change twice past a reader.
//
// Bounds: a reader waits for at most one writer, a writer for the writers before it and a batch of readers before each.
// A waiter spins, then yields the processor for as long as it takes: with more threads than processors a hand-over may cost
// a turn of the run queue, and all wait for a thread that does not run. It never parks; rw_lock does.
//
// Limits: 2^31 threads. Not recursive. It may be destroyed as soon as the last one is out: unlocking is one step.
// Progress: lock(), lock_shared() block; try_lock(), unlock(), unlock_shared() are wait-free, try_lock_shared() is lock-free.
// A try_lock() that fails may have made another writer wait for it for a moment. No errors, no allocation.
#pragma once

#include <atomic>
#include <cstdint>

#include <sched.h>

#include "pool/cache_line.h"
#include "pool/contract.h"

namespace crosstalk::pool {

class PhaseFairRwLock {
 public:
  static constexpr LockContract kContract{.shared = true,
                                          .fairness = Fairness::bounded,
                                          .bypass_bound = 1,  // of phases, see above
                                          .algorithm = "phase-fair tickets (PF-T), spins, yields",
                                          .source = "Brandenburg, Anderson 2010"};

  PhaseFairRwLock() = default;
  PhaseFairRwLock(const PhaseFairRwLock&) = delete;
  PhaseFairRwLock& operator=(const PhaseFairRwLock&) = delete;

  void lock() noexcept {
    // relaxed: a ticket only orders the writers; entering is ordered by (1) and (3).
    const std::uint32_t ticket = tickets_.fetch_add(1, std::memory_order_relaxed) & kTicket;
    // (1) - acquire: synchronizes with the release of the writer before (6).
    await([&] { return served_of(in_.load(std::memory_order_acquire)) == ticket; });
    // (2) - relaxed: entering is ordered by (1) and (3), and later readers synchronize with (6) across this step.
    const std::uint64_t before = in_.fetch_add(kPresent, std::memory_order_relaxed);
    // (3) - acquire: synchronizes with the releases of the readers that left (5).
    await([&] { return out_.load(std::memory_order_acquire) == came_of(before); });
  }

  [[nodiscard]] bool try_lock() noexcept {
    // acquire: as (1).
    std::uint64_t seen = in_.load(std::memory_order_acquire);
    if ((seen & kPresent) != 0) return false;
    // acquire: as (3). It cannot run ahead of those who came, so that it is equal still if the CAS below succeeds.
    if (out_.load(std::memory_order_acquire) != came_of(seen)) return false;
    // relaxed: as for all tickets. What others made of the upper bit since does not matter: the CAS finds it changed.
    std::uint32_t ticket = tickets_.load(std::memory_order_relaxed);
    if ((ticket & kTicket) != served_of(seen)) return false;
    if (!tickets_.compare_exchange_strong(ticket, ticket + 1, std::memory_order_relaxed,
                                          std::memory_order_relaxed)) {
      return false;
    }
    // The turn is this thread's. If a reader has come meanwhile, the turn goes to the next writer, unused.
    // relaxed (both): as (2).
    if (in_.compare_exchange_strong(seen, seen + kPresent, std::memory_order_relaxed,
                                    std::memory_order_relaxed)) {
      return true;
    }
    pass_turn();
    return false;
  }

  void unlock() noexcept { pass_turn(); }

  void lock_shared() noexcept {
    // (4) - acquire: synchronizes with the release of the last writer (6).
    const std::uint64_t before = in_.fetch_add(kReader, std::memory_order_acquire);
    if ((before & kPresent) != 0) {
      // acquire: as (4).
      await([&] { return phase_of(in_.load(std::memory_order_acquire)) != phase_of(before); });
    }
  }

  [[nodiscard]] bool try_lock_shared() noexcept {
    // relaxed: validated by the CAS.
    std::uint64_t seen = in_.load(std::memory_order_relaxed);
    while ((seen & kPresent) == 0) {
      // acquire: as (4).
      if (in_.compare_exchange_weak(seen, seen + kReader, std::memory_order_acquire,
                                    std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  void unlock_shared() noexcept {
    // (5) - release: synchronizes with the acquire of the writer that waits for it (3).
    out_.fetch_add(1, std::memory_order_release);
  }

  // For tests: writers that have asked and are not out.
  [[nodiscard]] std::uint32_t writers() const noexcept {
    // relaxed: may be out of date as soon as it is read.
    return (tickets_.load(std::memory_order_relaxed) - served_of(in_.load(std::memory_order_relaxed))) &
           kTicket;
  }

 private:
  static constexpr std::uint64_t kPresent = 1;
  static constexpr std::uint64_t kReader = std::uint64_t{1} << 32;
  static constexpr std::uint32_t kTicket = ~std::uint32_t{0} >> 1;

  static constexpr std::uint32_t phase_of(std::uint64_t in) { return static_cast<std::uint32_t>(in); }
  static constexpr std::uint32_t served_of(std::uint64_t in) { return phase_of(in) >> 1; }
  static constexpr std::uint32_t came_of(std::uint64_t in) { return static_cast<std::uint32_t>(in >> 32); }

  // By the writer whose turn it is, present or not; nobody else changes the lower half meanwhile.
  void pass_turn() noexcept {
    // relaxed: as said, it is this thread's.
    const std::uint32_t now = phase_of(in_.load(std::memory_order_relaxed));
    const std::uint32_t next =
        (now | 1) + 1;  // past the last ticket it wraps, which must not reach the readers
    // (6) - release: synchronizes with the next writer (1) and the readers (4).
    in_.fetch_add(std::uint64_t{next} - std::uint64_t{now}, std::memory_order_release);
  }

  template <class Done>
  static void await(Done&& done) noexcept {
    constexpr unsigned kSpins = 1024;  // pauses, some ten microseconds
    for (unsigned spun = 0; !done(); ++spun) {
      if (spun < kSpins) {
        cpu_relax();
      } else {
        sched_yield();
      }
    }
  }

  std::atomic<std::uint64_t> in_{0};
  std::atomic<std::uint32_t> out_{0};
  std::atomic<std::uint32_t> tickets_{0};
};
static_assert(sizeof(PhaseFairRwLock) == 16);

}  // namespace crosstalk::pool
