// ttas_lock: test-and-test-and-set with bounded exponential backoff (Anderson, IEEE TPDS 1990; Agarwal and
// Cherian, ISCA 1989). States: 0 free, 1 held.
//
// A waiter reads until the lock looks free, so that waiting does not take the line from the holder, and backs off
// between attempts. After the longest backoff it yields the processor at every look: where there are more threads than
// processors the holder may be the one that is not running.
//
// Progress: lock() blocks (a waiter may be overtaken without limit); try_lock() and unlock() are wait-free.
#pragma once

#include <atomic>
#include <cstdint>

#include <sched.h>

#include "pool/cache_line.h"
#include "pool/contract.h"

namespace crosstalk::pool {

class TtasLock {
 public:
  static constexpr LockContract kContract{.algorithm = "test-and-test-and-set, exponential backoff, yield",
                                          .source = "Anderson 1990"};

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
    constexpr std::uint32_t kLongest = 64;  // pauses, one to three microseconds: about what a yield costs
    std::uint32_t backoff = 4;
    do {
      // relaxed: only a hint; try_lock() decides and orders.
      while (held_.load(std::memory_order_relaxed) != 0) {
        if (backoff > kLongest) {
          sched_yield();
          continue;
        }
        for (std::uint32_t i = 0; i < backoff; ++i) cpu_relax();
        backoff *= 2;
      }
    } while (!try_lock());
  }

  std::atomic<std::uint8_t> held_{0};
};
static_assert(sizeof(TtasLock) == 1);

}  // namespace crosstalk::pool
