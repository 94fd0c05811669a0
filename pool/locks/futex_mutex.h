// futex_mutex: spins briefly, then yields, then parks; whoever comes first when it is free gets it. One waiter at a time is on
// its way from sleep, as with the designated waker of nsync and the woken bit of Go's sync.Mutex (source: these; Drepper, Futexes are
// tricky, 2011; WebKit's ParkingLot and its locks of one byte).
//
//   held_ | meaning
//   false | free; of those who are parked, if there are any, one is on its way or about to look
//   true  | held; others spin, yield, or are parked
//
// Who waits is known to the lock's ParkingSpot alone: unlock() is a plain store and a look at the spot, a cache line that is only
// written while somebody parks. That neither misses the other is the protocol of parking_spot.h, whose fence costs only those
// who park.
//
// After its store unlock() knows nothing of the mutex but the address: it may be destroyed as soon as the last one has got in and
// out. A wake-up for a destroyed one makes whoever sleeps there look again.
//
// Fairness: none. A thread that comes at the right moment overtakes those that wait, without limit. They are woken in the
// order in which they fell asleep, and who was woken in vain goes to the end.
//
// Limits: those of ParkingSpot. Where the spot is another lock's, who would park naps instead, 50 us to 1 ms.
//
// Progress: lock() blocks; try_lock() and unlock() are wait-free, but for unlock() beside parked threads, which is lock-free. Without
// those neither leaves user space. A waiter costs the processor some ten microseconds before it parks. No errors, no allocation.
#pragma once

#include <atomic>
#include <cstdint>

#include "pool/contract.h"
#include "pool/sync/asymmetric_barrier.h"
#include "pool/sync/parking_spot.h"

namespace crosstalk::pool {

class FutexMutex {
 public:
  static constexpr LockContract kContract{
      .parks = true,
      .algorithm = "spins, yields, parks; barging, one on its way from sleep",
      .source = "after nsync, Go's sync.Mutex and WebKit's ParkingLot"};

  FutexMutex() = default;
  FutexMutex(const FutexMutex&) = delete;
  FutexMutex& operator=(const FutexMutex&) = delete;

  void lock() noexcept {
    if (!try_lock()) lock_slow();
  }

  [[nodiscard]] bool try_lock() noexcept {
    // (1) - acquire: synchronizes with the release of who left last (2).
    return !held_.exchange(true, std::memory_order_acquire);
  }

  void unlock() noexcept {
    ParkingSpot& spot = ParkingSpot::of(this);
    // (2) - release: synchronizes with who enters next (1). seq_cst: total order with park() and its spot, where the barrier is
    // symmetric.
    if (detail::barrier_is_asymmetric()) [[likely]] {
      held_.store(false, std::memory_order_release);
    } else {
      held_.store(false, std::memory_order_seq_cst);
    }
    detail::light_barrier();
    if (spot.wants_waking()) spot.wake_one(this);
  }

 private:
  struct Waiter;

  [[gnu::cold]] void lock_slow() noexcept;
  bool enter_soon() noexcept;
  void park(Waiter& waiter) noexcept;

  std::atomic<bool> held_{false};
};
static_assert(sizeof(FutexMutex) == 1);

}  // namespace crosstalk::pool
