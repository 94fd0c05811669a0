// distributed_rw_lock: a counter of readers for each of 16 groups of threads, on cache lines of its own; a writer shuts a
// door and waits until all counters are zero (Hsieh and Weihl, Scalable Reader-Writer Locks for Parallel Systems, IPPS
// 1992; the "big reader lock" of Linux). Threads take groups in turn, for life. 2,176 bytes a lock.
//
// door_:  | 31 asleep | 30 readers first | 29 shut | 28..0 readers that wait |
//
//   shut | readers first | meaning                               | reader arrives                | writer arrives
//   0    | 0             | open: readers may be in               | counts itself, is in          | shut = 1, sweeps
//   1    | 0             | a writer sweeps or is in              | counts itself, looks, counts  | waits
//        |               |                                       | itself off, waiting + 1       |
//   0    | 1             | the readers that waited go in         | counts itself, is in          | waits
//
// A reader counts itself first and looks at the door then; a writer shuts the door first and reads the counters then: one of
// them sees the other. unlock() with readers waiting sets `readers first`; the last one of those that has got in clears it.
//
// Bounds: a reader that has counted itself among those that wait is let in after the present writer; before that it may be
// passed by writers without limit. A writer that has shut the door waits for the readers inside alone; before
// that it may be passed by other writers without limit. Readers that never pause do not starve it: only those that found the door
// shut go in first, and while they do, later ones need not wait and do not become more of them.
// Waiters spin, then park on the door. A writer in its sweep spins, then naps for 50 us: readers that leave wake nobody, so
// that they need not look at the lock once more. It may be destroyed as soon as the last one is out.
//
// A reader writes to one line, of its group, and reads the door's. A writer reads 17 lines: for data that is read far more
// often than written. unlock_shared() in the thread that locked.
// Progress: lock(), lock_shared() block; try_lock() is wait-free and may fail beside a reader that is being turned away;
// try_lock_shared(), unlock_shared() are wait-free, unlock() is lock-free. Not recursive. No errors, no allocation.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <climits>
#include <cstddef>
#include <cstdint>

#include "pool/cache_line.h"
#include "pool/contract.h"
#include "pool/sync/futex.h"

namespace crosstalk::pool {

class DistributedRwLock {
 public:
  static constexpr std::size_t kSlots = 16;
  static constexpr LockContract kContract{
      .shared = true,
      .parks = true,
      .algorithm = "a reader count per 1/16 of the threads, writers sweep, parks",
      .source = "Hsieh, Weihl 1992"};

  DistributedRwLock() = default;
  DistributedRwLock(const DistributedRwLock&) = delete;
  DistributedRwLock& operator=(const DistributedRwLock&) = delete;

  void lock() noexcept {
    shut_door();
    for (auto& slot : slots_) await_readers(*slot);
  }
  [[nodiscard]] bool try_lock() noexcept {
    std::uint32_t seen = 0;
    // (1) - seq_cst: stands before (2). Acquire besides: synchronizes with the release of the last writer (5). relaxed on
    // failure: nothing was read.
    if (!door_.compare_exchange_strong(seen, kShut, std::memory_order_seq_cst, std::memory_order_relaxed)) {
      return false;
    }
    for (auto& slot : slots_) {
      // (2) - seq_cst: either this sees a reader's count (3), or the reader sees the door shut (4). Acquire besides:
      // synchronizes with the releases of the readers that left.
      if (slot->load(std::memory_order_seq_cst) == 0) continue;
      unlock();
      return false;
    }
    return true;
  }
  void unlock() noexcept {
    // relaxed: validated by the CAS.
    std::uint32_t seen = door_.load(std::memory_order_relaxed);
    std::uint32_t next = 0;
    do {
      next = seen & kWaiting;
      if (next != 0) next |= kReadersFirst;
      // (5) - release: synchronizes with the next writer (1) and with readers (4), (6).
    } while (!door_.compare_exchange_weak(seen, next, std::memory_order_release, std::memory_order_relaxed));
    if ((seen & kAsleep) != 0) futex_wake(address(), INT_MAX);
  }

  void lock_shared() noexcept {
    if (!try_lock_shared()) lock_shared_slow();
  }
  [[nodiscard]] bool try_lock_shared() noexcept {
    std::atomic<std::uint32_t>& slot = *slots_[this_slot()];
    // (3) - seq_cst: stands before (4).
    slot.fetch_add(1, std::memory_order_seq_cst);
    // (4) - seq_cst: see (2). Acquire besides: synchronizes with the release of the last writer (5).
    if ((door_.load(std::memory_order_seq_cst) & kShut) == 0) return true;
    // relaxed: it has read nothing.
    slot.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  void unlock_shared() noexcept {
    // release: synchronizes with the sweep (2).
    slots_[this_slot()]->fetch_sub(1, std::memory_order_release);
  }

  // For tests: readers that wait for a writer.
  [[nodiscard]] std::uint32_t waiting_readers() const noexcept {
    // relaxed: may be out of date as soon as it is read.
    return door_.load(std::memory_order_relaxed) & kWaiting;
  }

 private:
  static constexpr std::uint32_t kAsleep = std::uint32_t{1} << 31;
  static constexpr std::uint32_t kReadersFirst = std::uint32_t{1} << 30;
  static constexpr std::uint32_t kShut = std::uint32_t{1} << 29;
  static constexpr std::uint32_t kWaiting = kShut - 1;
  static constexpr unsigned kSpins = 256;  // pauses, some microseconds

  // Threads take slots in turn, once.
  static std::size_t this_slot() noexcept {
    static constinit std::atomic<std::size_t> next{0};
    // relaxed: any number will do.
    thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed) % kSlots;
    return mine;
  }

  const std::uint32_t* address() const noexcept { return reinterpret_cast<const std::uint32_t*>(&door_); }

  // Sleeps until the door may no longer be `seen`.
  void sleep(std::uint32_t seen) noexcept {
    // relaxed: a hint for who opens; that it stands before the sleep, the word's own order says.
    if ((seen & kAsleep) != 0 ||
        door_.compare_exchange_strong(seen, seen | kAsleep, std::memory_order_relaxed,
                                      std::memory_order_relaxed)) {
      futex_wait(address(), seen | kAsleep);
    }
  }

  void shut_door() noexcept {
    for (unsigned spun = 0;;) {
      // relaxed: validated by the CAS.
      std::uint32_t seen = door_.load(std::memory_order_relaxed);
      if ((seen & (kShut | kReadersFirst)) == 0) {
        // seq_cst: (1), as in try_lock(); relaxed on failure: looked at again. Those asleep stay so until it opens.
        if (door_.compare_exchange_strong(seen, seen | kShut, std::memory_order_seq_cst,
                                          std::memory_order_relaxed)) {
          return;
        }
      } else if (spun < kSpins) {
        ++spun;
        cpu_relax();
      } else {
        sleep(seen);
      }
    }
  }

  void await_readers(const std::atomic<std::uint32_t>& slot) noexcept {
    // seq_cst: (2), as in try_lock().
    for (unsigned spun = 0; slot.load(std::memory_order_seq_cst) != 0; ++spun) {
      if (spun < kSpins) {
        cpu_relax();
      } else {
        // On a word that holds 1 for good, so that nothing but the time wakes it.
        static constexpr std::uint32_t kForever = 1;
        futex_wait(&kForever, kForever, deadline_in(std::chrono::microseconds(50)));
      }
    }
  }

  [[gnu::cold]] [[gnu::noinline]] void lock_shared_slow() noexcept {
    if (!await_turn()) return;
    std::atomic<std::uint32_t>& slot = *slots_[this_slot()];
    for (unsigned spun = 0;; ++spun) {
      // relaxed: looked at again below.
      const std::uint32_t look = door_.load(std::memory_order_relaxed);
      if ((look & kShut) == 0) break;
      spun < kSpins ? cpu_relax() : sleep(look);
    }
    // relaxed: no writer can have shut the door since, this reader is one of those that go first.
    slot.fetch_add(1, std::memory_order_relaxed);
    leave_waiting();
  }

  // Whether this reader waits now; else it is in.
  bool await_turn() noexcept {
    for (;;) {
      // relaxed: validated by the CAS.
      std::uint32_t seen = door_.load(std::memory_order_relaxed);
      if ((seen & kShut) == 0) {
        if (try_lock_shared()) return false;
        // relaxed: waiting orders nothing.
      } else if (door_.compare_exchange_weak(seen, seen + 1, std::memory_order_relaxed,
                                             std::memory_order_relaxed)) {
        return true;
      }
    }
  }

  // The last one lets writers come again.
  void leave_waiting() noexcept {
    // relaxed: validated by the CAS.
    std::uint32_t seen = door_.load(std::memory_order_relaxed);
    std::uint32_t next = 0;
    do {
      next = seen - 1;
      if ((next & kWaiting) == 0) next &= ~(kReadersFirst | kAsleep);
      // (6) - acq_rel: acquire synchronizes with the writer that opened (5); release makes this reader's count stand
      // before the next writer's (1).
    } while (!door_.compare_exchange_weak(seen, next, std::memory_order_acq_rel, std::memory_order_relaxed));
    if ((next & kWaiting) == 0 && (seen & kAsleep) != 0) futex_wake(address(), INT_MAX);
  }

  std::atomic<std::uint32_t> door_{0};
  std::array<CacheAligned<std::atomic<std::uint32_t>>, kSlots> slots_{};
};
static_assert(sizeof(DistributedRwLock) == 17 * kCacheLine);

}  // namespace crosstalk::pool
