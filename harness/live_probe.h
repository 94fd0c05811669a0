// The probe of every timed trial: a canary inside each guarded object that notices when a lock does not exclude.
//
// A writer counts up the first half of the canary on entry and the second half just before it leaves. While somebody
// writes the halves differ, so a reader or another writer that sees them differ on entry, or sees the first half
// change while it is inside, is beside a writer. Plain loads and stores (relaxed: no fence may hide what the lock
// itself forgot), on the cache line of the data, about a nanosecond each.
//
// On request it also measures waits and holds (lock_times.h), or does nothing at all, to learn what the canary costs
// (check_cost.h). Both are one switch at run time and not probes of their own, each of which would be as much again to
// compile; as it stands it costs a branch that is always predicted.
#pragma once

#include <atomic>
#include <cstdint>

#include "harness/clock.h"
#include "harness/lock_times.h"
#include "pool/guarded.h"

namespace crosstalk::harness {

class LiveProbe {
 public:
  // Switches the measuring of waits and holds on, or off (null), for the whole process. Before any thread takes a lock;
  // the clock must outlive the probes' use.
  static void measure(const Clock* clock) noexcept {
    clock_ = clock;
    mode_ = clock == nullptr ? Mode::watch : Mode::measure;
  }
  [[nodiscard]] static bool measures() noexcept { return mode_ == Mode::measure; }
  // Blind, it looks at nothing and writes nothing. While no thread is inside a guarded object.
  static void blind(bool blind) noexcept { mode_ = blind ? Mode::blind : Mode::watch; }

  [[nodiscard]] static bool is_blind() noexcept { return mode_ == Mode::blind; }

  void before(pool::Access) noexcept {
    if (mode_ != Mode::watch) [[unlikely]]
      note_asked();
  }

  void acquired(pool::Access access) noexcept {
    if (mode_ != Mode::watch) [[unlikely]] {
      if (mode_ == Mode::blind) return;
      note_acquired(access);
    }
    // relaxed (here and below): see above; what is observed is exactly what the lock orders.
    const std::uint32_t entered = entered_.load(std::memory_order_relaxed);
    if (entered != left_.load(std::memory_order_relaxed)) violation();
    if (access == pool::Access::exclusive) entered_.store(entered + 1, std::memory_order_relaxed);
  }

  void released(pool::Access access) noexcept {
    if (mode_ != Mode::watch) [[unlikely]] {
      if (mode_ == Mode::blind) return;
      LockTimes::mine().released(clock_->now());
    }
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
  enum class Mode : std::uint8_t { watch, measure, blind };

  // relaxed: a statistic, read after the threads were joined.
  [[gnu::cold]] static void violation() noexcept { violations_.fetch_add(1, std::memory_order_relaxed); }

  // relaxed: each counter alone is looked at; which of two that come together is first does not matter.
  [[gnu::noinline]] void note_asked() noexcept {
    if (mode_ == Mode::blind) return;
    const bool written = entered_.load(std::memory_order_relaxed) != left_.load(std::memory_order_relaxed);
    const std::uint32_t served = served_.load(std::memory_order_relaxed);
    const std::uint32_t arrival = arrivals_.fetch_add(1, std::memory_order_relaxed);
    const InTheWay others = arrival == served ? InTheWay::nobody : InTheWay::asker;
    LockTimes::mine().asked(clock_->now(), arrival, written ? InTheWay::writer : others);
  }
  [[gnu::noinline]] void note_acquired(pool::Access access) noexcept {
    const std::uint64_t now = clock_->now();
    // relaxed: see note_asked().
    const std::uint32_t served = served_.fetch_add(1, std::memory_order_relaxed);
    LockTimes::mine().acquired(now, served, access == pool::Access::exclusive);
  }

  static inline std::atomic<std::uint64_t> violations_{0};
  static inline Mode mode_ = Mode::watch;
  static inline const Clock* clock_ = nullptr;  // of Mode::measure

  std::atomic<std::uint32_t> entered_{0};
  std::atomic<std::uint32_t> left_{0};
  std::atomic<std::uint32_t> arrivals_{0};  // while waits are measured
  std::atomic<std::uint32_t> served_{0};
};

static_assert(pool::LockProbe<LiveProbe>);

}  // namespace crosstalk::harness
