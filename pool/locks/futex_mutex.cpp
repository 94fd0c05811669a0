#include "pool/locks/futex_mutex.h"

#include <algorithm>
#include <ctime>

#include <sched.h>

#include "pool/cache_line.h"

namespace crosstalk::pool {

namespace {

// How a waiter passes the time until it parks: ever longer pauses, so that its looking does not take the line from the holder
// all the time, and then yields. Where there are more threads than processors the holder may be one that does not run, and
// giving it the processor costs less than to sleep and be woken.
class MutexWait {
 public:
  // False when it is time to park.
  bool pass() noexcept {
    if (pauses_ <= kLongest) {
      for (unsigned i = 0; i < pauses_; ++i) cpu_relax();
      pauses_ *= 2;
      return true;
    }
    if (yields_ == kYields) return false;
    ++yields_;
    sched_yield();
    return true;
  }

 private:
  static constexpr unsigned kLongest = 16;  // 31 pauses in all, half a microsecond to two
  static constexpr unsigned kYields = 32;   // some ten microseconds if nobody else wants the processor

  unsigned pauses_ = 1;
  unsigned yields_ = 0;
};

}  // namespace

struct FutexMutex::Waiter {
  bool parked = false;        // counted in the spot
  std::uint32_t changes = 0;  // when it was counted in, or again
  std::int64_t nap_ns = kShortestNapNs;

  static constexpr std::int64_t kShortestNapNs = 50'000;
  static constexpr std::int64_t kLongestNapNs = 1'000'000;

  void nap() noexcept {
    const timespec time{.tv_sec = 0, .tv_nsec = nap_ns};
    nanosleep(&time, nullptr);
    nap_ns = std::min(2 * nap_ns, kLongestNapNs);
  }
};

void FutexMutex::lock_slow() noexcept {
  Waiter waiter;
  while (!enter_soon()) park(waiter);
  if (waiter.parked) ParkingSpot::of(this).leave(waiter.changes);
}

bool FutexMutex::enter_soon() noexcept {
  MutexWait wait;
  for (;;) {
    // relaxed: only a hint, try_lock() orders.
    if (!held_.load(std::memory_order_relaxed) && try_lock()) return true;
    if (!wait.pass()) return false;
  }
}

// Returns when woken, or without having slept if the lock is free after all.
void FutexMutex::park(Waiter& waiter) noexcept {
  ParkingSpot& spot = ParkingSpot::of(this);
  if (waiter.parked) {
    waiter.changes = spot.again();
  } else if (spot.enter(this, waiter.changes)) {
    waiter.parked = true;
  } else {
    return waiter.nap();
  }
  detail::heavy_barrier();
  // seq_cst: total order with unlock(), where the barrier is symmetric.
  if (held_.load(std::memory_order_seq_cst)) spot.sleep(waiter.changes);
}

}  // namespace crosstalk::pool
