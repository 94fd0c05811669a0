// bravo_lock: readers of a lock that is hardly ever written mark themselves in a table instead of writing to the lock: BRAVO
// of Dice and Kogan (BRAVO - Biased Locking for Reader-Writer Locks, USENIX ATC 2019), over any reader-writer lock L.
//
// The table belongs to the process, 2,048 places of 16 bytes (32 KB), for all such locks; thread and lock say which place.
//
//   biased | reader arrives                                  | writer arrives
//   1      | marks its place, looks again that it is biased; | takes L, biased = 0, waits until no place is marked with
//          | else, or if the place is taken, it takes L      | this lock; for 9 times as long nobody sets biased again
//   0      | takes L; sets biased if it has been long enough | takes L
//
// Invariants: who changes biased holds L, to read for 0 -> 1, to write for 1 -> 0. A place is marked with this lock only if
// biased, or while a writer that has cleared it waits. A marked place holds its owner's name too, so that a thread knows at
// its unlock_shared() whether it came in by the table: unlock in the thread that locked, as the standard demands.
//
// Readers: two writes to a line that is mostly their own, and a read of `biased`. Writers pay a walk over the table after
// a spell of reading; the rule of 9 keeps that below a tenth of their time. Under many writes it is L and a little slower.
// The clock is read in a revocation, and by one in 16 of a thread's reads that took L.
//
// Bounds: those of L, except that marked readers pass all who wait for L: a writer that waits there is passed without
// limit by readers until L lets it in; from then on no reader gets in. It starves if and only if it starves in L.
// With waiters of L parked it parks; a writer that waits for marked readers spins, then yields.
// It may be destroyed as soon as the last one is out if L may. Not recursive, but reading twice deadlocks only where L does.
// Progress: lock_shared() and unlock_shared() are wait-free while biased, else L's; lock() blocks for marked readers; a
// try_lock() does not, it fails. No errors, no allocation but L's.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <sched.h>

#include "pool/cache_line.h"
#include "pool/contract.h"
#include "pool/guarded.h"
#include "pool/sync/futex.h"

namespace crosstalk::pool {

namespace detail {

struct BravoPlace {
  std::atomic<const void*> lock{nullptr};
  std::atomic<const void*> owner{nullptr};
};

inline constexpr std::size_t kBravoPlaces = 2'048;
alignas(kCacheLine) inline constinit std::array<BravoPlace, kBravoPlaces> bravo_table{};

// What a thread is known by, and how often it took the lock below.
inline thread_local constinit std::uint32_t bravo_slow_reads = 0;

inline BravoPlace& bravo_place(const void* lock) noexcept {
  const auto thread = reinterpret_cast<std::uintptr_t>(&bravo_slow_reads);
  const auto mixed = (std::uint64_t{thread >> 4} * 0x9E3779B97F4A7C15U) ^
                     (std::uint64_t{reinterpret_cast<std::uintptr_t>(lock) >> 3} * 0xC2B2AE3D27D4EB4FU);
  return bravo_table[(mixed * 0x9E3779B97F4A7C15U) >> (64 - 11)];
}
static_assert(kBravoPlaces == 1U << 11);

}  // namespace detail

template <SharedLock L>
class BravoLock {
 public:
  static constexpr LockContract kContract{.shared = true,
                                          .parks = kContractOf<L>.parks,
                                          .algorithm = "readers mark a table, writers revoke (BRAVO)",
                                          .source = "Dice, Kogan 2019"};

  BravoLock() = default;
  BravoLock(const BravoLock&) = delete;
  BravoLock& operator=(const BravoLock&) = delete;

  void lock() {
    lock_.lock();
    static_cast<void>(revoke(kNoDeadline));
  }
  [[nodiscard]] bool try_lock() requires requires(L& l) { l.try_lock(); }
  { return lock_.try_lock() && revoked_or_undone(Deadline::min()); }
  // False if the deadline passed first.
  [[nodiscard]] bool try_lock_until(Deadline deadline) requires requires(L& l, Deadline d) {
    l.try_lock_until(d);
  }
  { return lock_.try_lock_until(deadline) && revoked_or_undone(deadline); }
  [[nodiscard]] bool try_lock_for(std::chrono::nanoseconds time) requires requires(L& l, Deadline d) {
    l.try_lock_until(d);
  }
  { return try_lock_until(deadline_in(time)); }
  void unlock() { lock_.unlock(); }

  void lock_shared() {
    if (mark()) return;
    lock_.lock_shared();
    consider_bias();
  }
  [[nodiscard]] bool try_lock_shared() requires requires(L& l) { l.try_lock_shared(); }
  { return mark() || (lock_.try_lock_shared() && consider_bias()); }
  [[nodiscard]] bool try_lock_shared_until(Deadline deadline) requires requires(L& l, Deadline d) {
    l.try_lock_shared_until(d);
  }
  { return mark() || (lock_.try_lock_shared_until(deadline) && consider_bias()); }
  [[nodiscard]] bool try_lock_shared_for(std::chrono::nanoseconds time) requires requires(L& l, Deadline d) {
    l.try_lock_shared_until(d);
  }
  { return try_lock_shared_until(deadline_in(time)); }
  void unlock_shared() {
    detail::BravoPlace& place = detail::bravo_place(this);
    // relaxed (both): what this thread wrote there, if it did; nobody else writes this thread's name.
    if (place.owner.load(std::memory_order_relaxed) == &detail::bravo_slow_reads &&
        place.lock.load(std::memory_order_relaxed) == this) {
      clear(place);
    } else {
      lock_.unlock_shared();
    }
  }

  // For tests and statistics.
  [[nodiscard]] bool biased() const noexcept {
    // relaxed: may be out of date as soon as it is read.
    return biased_.load(std::memory_order_relaxed);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr int kInhibit = 9;

  // Whether this thread is in by the table.
  bool mark() noexcept {
    // relaxed: a hint, looked at again in (2).
    if (!biased_.load(std::memory_order_relaxed)) return false;
    detail::BravoPlace& place = detail::bravo_place(this);
    const void* nobody = nullptr;
    // (1) - seq_cst: stands before (2); a writer reads it in (4). Its acquire half takes over what the place's last owner
    // released, for a writer that finds this mark instead. relaxed on failure: nothing was read.
    if (!place.lock.compare_exchange_strong(nobody, this, std::memory_order_seq_cst,
                                            std::memory_order_relaxed)) {
      return false;
    }
    // relaxed: for this thread alone.
    place.owner.store(&detail::bravo_slow_reads, std::memory_order_relaxed);
    // (2) - seq_cst: either this sees the writer's (3), or the writer sees (1). Acquire besides: synchronizes with (5) and
    // so with the writers before it.
    if (biased_.load(std::memory_order_seq_cst)) return true;
    clear(place);
    return false;
  }

  static void clear(detail::BravoPlace& place) noexcept {
    // relaxed: for this thread alone, and before the place is another's.
    place.owner.store(nullptr, std::memory_order_relaxed);
    // release: synchronizes with the writer's (4), or by way of the next owner's (1).
    place.lock.store(nullptr, std::memory_order_release);
  }

  // By a reader that holds L. Always true.
  bool consider_bias() noexcept {
    // relaxed (all): hints. The bias itself is published by (5).
    if (biased_.load(std::memory_order_relaxed) || ++detail::bravo_slow_reads % 16 != 0) return true;
    if (Clock::now().time_since_epoch().count() >= inhibit_until_.load(std::memory_order_relaxed)) {
      // (5) - release: synchronizes with (2); L has synchronized this thread with the writers before.
      biased_.store(true, std::memory_order_release);
    }
    return true;
  }

  // By a writer that holds L: waits for all marked readers. False if the deadline passed, and then the bias stands again.
  bool revoke(Deadline deadline) noexcept {
    // relaxed: who sets it holds L, which has synchronized this thread with that.
    if (!biased_.load(std::memory_order_relaxed)) return true;
    const Clock::time_point start = Clock::now();
    // (3) - seq_cst: stands before (4), see (2).
    biased_.store(false, std::memory_order_seq_cst);
    for (detail::BravoPlace& place : detail::bravo_table) {
      if (!await_clear(place, deadline)) {
        // release: as (5). Nothing has been written under the lock.
        biased_.store(true, std::memory_order_release);
        return false;
      }
    }
    const Clock::time_point end = Clock::now();
    // relaxed: a hint for consider_bias().
    inhibit_until_.store((end + (end - start) * kInhibit).time_since_epoch().count(),
                         std::memory_order_relaxed);
    return true;
  }

  bool await_clear(const detail::BravoPlace& place, Deadline deadline) const noexcept {
    constexpr unsigned kSpins = 256;  // pauses, some microseconds
    // (4) - seq_cst: see (2). Acquire besides: synchronizes with clear().
    for (unsigned spun = 0; place.lock.load(std::memory_order_seq_cst) == this; ++spun) {
      if (deadline == Deadline::min()) return false;
      if (spun < kSpins) {
        cpu_relax();
      } else {
        if (has_passed(deadline)) return false;
        sched_yield();
      }
    }
    return true;
  }

  bool revoked_or_undone(Deadline deadline) {
    if (revoke(deadline)) return true;
    lock_.unlock();
    return false;
  }

  L lock_;
  std::atomic<bool> biased_{false};
  std::atomic<Clock::rep> inhibit_until_{Clock::time_point::min().time_since_epoch().count()};
};

}  // namespace crosstalk::pool
