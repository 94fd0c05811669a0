// brief_lock: for critical sections of some ten instructions that no user's code runs in. States: 0 free, 1 held.
//
// A waiter spins for about a microsecond, then yields, since the holder may be the thread that does not run, and at last
// naps, since a yield never lets a thread of lower real-time priority run. Releasing is a plain store: nobody is woken.
//
// Progress: lock() blocks and may be overtaken without limit; try_lock() and unlock() are wait-free.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include <sched.h>

#include "pool/cache_line.h"
#include "pool/sync/futex.h"

namespace crosstalk::pool {

class BriefLock {
 public:
  void lock() noexcept {
    if (!try_lock()) lock_slow();
  }
  [[nodiscard]] bool try_lock() noexcept {
    // (1) - acquire: synchronizes with the release in unlock() (2).
    return held_.exchange(1, std::memory_order_acquire) == 0;
  }
  void unlock() noexcept {
    // (2) - release: synchronizes with the acquire in try_lock() (1).
    held_.store(0, std::memory_order_release);
  }

 private:
  [[gnu::cold]] [[gnu::noinline]] void lock_slow() noexcept {
    constexpr unsigned kFirst = 32;  // pauses: a microsecond or so
    constexpr unsigned kSpins = 3;
    constexpr unsigned kYields = 200;
    for (unsigned round = 0;; ++round) {
      if (round < kSpins) {
        for (unsigned pause = 0; pause < kFirst << round; ++pause) cpu_relax();
      } else if (round < kSpins + kYields) {
        sched_yield();
      } else {
        futex_wait(reinterpret_cast<const std::uint32_t*>(&held_), 1,
                   deadline_in(std::chrono::microseconds(50)));
      }
      // relaxed: only a hint; try_lock() decides and orders.
      if (held_.load(std::memory_order_relaxed) == 0 && try_lock()) return;
    }
  }

  std::atomic<std::uint32_t> held_{0};
};
static_assert(sizeof(BriefLock) == 4);

}  // namespace crosstalk::pool
