// futex_mutex: spins briefly, then yields, then parks; whoever comes first when it is free gets it. One waiter at a time is on
// its way from sleep, as with the designated waker of nsync and the woken bit of Go's sync.Mutex (source: these, and Drepper,
// Futexes are tricky, 2011).
//
// state_:  | 63..32 wake-ups given | 31..2 parked | 1 awake | 0 held |
//
//   held | parked | awake | meaning                                        | unlock()
//   0    | 0      | 0     | free                                           |
//   1    | 0      | 0     | held; others may spin                          | frees it
//   1    | n      | 0     | held; n threads sleep or are about to          | frees it, sets awake, gives a wake-up
//   any  | n      | 1     | one of the n was woken and is on its way       | frees it
//
// Invariants: who sets awake sees parked > 0 and gives a wake-up in the same step; at least one parked thread then finds that
// number changed, if not from the kernel, then before it sleeps. That thread clears awake when it takes the lock, which ends
// its being counted, or when it parks again, which it can only while the lock is held: then the holder's unlock()
// gives the next wake-up. So a free lock never has parked threads without one that is on its way. Should two threads
// have answered one wake-up, awake is cleared too early, and one more is woken than had to be.
//
// Who parks sleeps on the high half, which changes with wake-ups alone: comers and goers do not keep it from sleeping.
//
// unlock() is one step, after which it knows nothing but the address: the mutex may be destroyed as soon as the last one has
// got in and out. A wake-up for a destroyed one makes whoever sleeps there look again (futex.h).
//
// Fairness: none. A thread that comes at the right moment overtakes those that wait, without limit. They are woken in the
// order in which they fell asleep, and who was woken in vain goes to the end.
//
// Limits: 2^30 - 1 waiting threads. 2^32 wake-ups between a thread's decision to sleep and its sleep would leave it asleep.
//
// Progress: lock() blocks; try_lock() is wait-free; unlock() is lock-free. Without waiters neither leaves user space. A waiter
// costs the processor some ten microseconds before it parks. No errors, no allocation.
#pragma once

#include <atomic>
#include <cstdint>

#include "pool/contract.h"

namespace crosstalk::pool {

class FutexMutex {
 public:
  static constexpr LockContract kContract{
      .parks = true,
      .algorithm = "spins, yields, parks; barging, one on its way from sleep",
      .source = "after nsync and Go's sync.Mutex"};

  FutexMutex() = default;
  FutexMutex(const FutexMutex&) = delete;
  FutexMutex& operator=(const FutexMutex&) = delete;

  void lock() noexcept {
    if (!try_lock()) lock_slow();
  }

  [[nodiscard]] bool try_lock() noexcept {
    // (1) - acquire: synchronizes with the release of who left last (2).
    return (state_.fetch_or(kHeld, std::memory_order_acquire) & kHeld) == 0;
  }

  void unlock() noexcept {
    // relaxed: validated by the CAS.
    std::uint64_t seen = state_.load(std::memory_order_relaxed);
    // (2) - release: synchronizes with who enters next, (1) or (3).
    while (!state_.compare_exchange_weak(seen, after_unlock(seen), std::memory_order_release,
                                         std::memory_order_relaxed)) {
    }
    if (wants_waking(seen)) wake();
  }

  // For tests: how many are parked, or on their way from there.
  [[nodiscard]] unsigned parked() const noexcept {
    // relaxed: may be out of date as soon as it is read.
    return static_cast<unsigned>((state_.load(std::memory_order_relaxed) & kParked) / kParkedOne);
  }
  // Whether one is on its way.
  [[nodiscard]] bool waking() const noexcept {
    // relaxed: as above.
    return (state_.load(std::memory_order_relaxed) & kAwake) != 0;
  }

 private:
  struct Waiter;

  static constexpr std::uint64_t kOne = 1;
  static constexpr std::uint64_t kHeld = kOne;
  static constexpr std::uint64_t kAwake = kOne << 1;
  static constexpr std::uint64_t kParkedOne = kOne << 2;
  static constexpr std::uint64_t kParked = (kOne << 32) - kParkedOne;
  static constexpr std::uint64_t kWakeUpOne = kOne << 32;

  static constexpr bool wants_waking(std::uint64_t state) {
    return (state & kParked) != 0 && (state & kAwake) == 0;
  }
  static constexpr std::uint64_t after_unlock(std::uint64_t state) {
    return wants_waking(state) ? ((state & ~kHeld) | kAwake) + kWakeUpOne : state & ~kHeld;
  }
  static constexpr std::uint32_t wake_ups(std::uint64_t state) {
    return static_cast<std::uint32_t>(state >> 32);
  }

  [[gnu::cold]] void lock_slow() noexcept;
  bool enter_soon(Waiter& waiter) noexcept;
  void park(Waiter& waiter) noexcept;
  const std::uint32_t* wake_up_word() const noexcept;
  [[gnu::cold]] void wake() const noexcept;

  std::atomic<std::uint64_t> state_{0};
};
static_assert(sizeof(FutexMutex) == 8);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace crosstalk::pool
