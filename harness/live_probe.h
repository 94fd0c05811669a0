// The probe of every timed trial: a canary inside each guarded object that notices when a lock does not exclude.
//
// A writer counts up the first half of the canary on entry and the second half just before it leaves. While somebody
// writes the halves differ, so a reader or another writer that sees them differ on entry, or sees the first half
// change while it is inside, is beside a writer. Plain loads and stores (relaxed: no fence may hide what the lock
// itself forgot), on the cache line of the data, about a nanosecond each.
#pragma once

#include <atomic>
#include <cstdint>

#include "pool/guarded.h"

namespace crosstalk::harness {

class LiveProbe {
 public:
  void before(pool::Access) noexcept {}

  void acquired(pool::Access access) noexcept {
    // relaxed (here and below): see above; what is observed is exactly what the lock orders.
    const std::uint32_t entered = entered_.load(std::memory_order_relaxed);
    if (entered != left_.load(std::memory_order_relaxed)) violation();
    if (access == pool::Access::exclusive) entered_.store(entered + 1, std::memory_order_relaxed);
  }

  void released(pool::Access access) noexcept {
    const std::uint32_t entered = entered_.load(std::memory_order_relaxed);
    const std::uint32_t left = left_.load(std::memory_order_relaxed);
    if (access == pool::Access::exclusive) {
      if (entered != left + 1) violation();
      left_.store(entered, std::memory_order_relaxed);
    } else if (entered != left) {
      violation();
    }
  }

  // Violations seen in this process; a trial has a process of its own.
  // relaxed: a statistic, read after the threads were joined.
  [[nodiscard]] static std::uint64_t violations() noexcept {
    return violations_.load(std::memory_order_relaxed);
  }

 private:
  // relaxed: a statistic, read after the threads were joined.
  [[gnu::cold]] static void violation() noexcept { violations_.fetch_add(1, std::memory_order_relaxed); }

  static inline std::atomic<std::uint64_t> violations_{0};

  std::atomic<std::uint32_t> entered_{0};
  std::atomic<std::uint32_t> left_{0};
};

static_assert(pool::LockProbe<LiveProbe>);

}  // namespace crosstalk::harness
