#include "pool/locks/futex_mutex.h"

#include <bit>

#include <sched.h>

#include "pool/cache_line.h"
#include "pool/sync/futex.h"

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

// What the state says about one thread that waits.
struct FutexMutex::Waiter {
  bool parked = false;  // counted as such: from its first sleep until it enters
  bool awake = false;   // was woken, so the awake bit is its to clear

  // The state when it enters or, with the lock held, parks.
  std::uint64_t without_awake(std::uint64_t state) const { return awake ? state & ~kAwake : state; }
  std::uint64_t entered(std::uint64_t state) const {
    return without_awake(parked ? state - kParkedOne : state) | kHeld;
  }
  std::uint64_t asleep(std::uint64_t state) const {
    return without_awake(parked ? state : state + kParkedOne);
  }
};

void FutexMutex::lock_slow() noexcept {
  Waiter waiter;
  while (!enter_soon(waiter)) park(waiter);
}

bool FutexMutex::enter_soon(Waiter& waiter) noexcept {
  MutexWait wait;
  // relaxed: validated by the CAS (3).
  std::uint64_t seen = state_.load(std::memory_order_relaxed);
  for (;;) {
    while ((seen & kHeld) == 0) {
      // (3) - acquire: synchronizes with the release in unlock() (2). relaxed: a failure is looked at again.
      if (state_.compare_exchange_weak(seen, waiter.entered(seen), std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
        return true;
      }
    }
    if (!wait.pass()) return false;
    // relaxed: as above.
    seen = state_.load(std::memory_order_relaxed);
  }
}

// Returns when woken, or without having slept if the lock is free after all.
void FutexMutex::park(Waiter& waiter) noexcept {
  // relaxed: validated by the CAS.
  std::uint64_t seen = state_.load(std::memory_order_relaxed);
  do {
    if ((seen & kHeld) == 0) return;
    // relaxed: parking orders nothing, entering does; that it stands before the sleep, the word's own order says.
  } while (!state_.compare_exchange_weak(seen, waiter.asleep(seen), std::memory_order_relaxed,
                                         std::memory_order_relaxed));
  waiter = {.parked = true, .awake = true};
  const std::uint32_t before = wake_ups(seen);
  // relaxed: entering orders, this only says that it is time to try.
  while (wake_ups(state_.load(std::memory_order_relaxed)) == before) futex_wait(wake_up_word(), before);
}

const std::uint32_t* FutexMutex::wake_up_word() const noexcept {
  const auto* const halves = reinterpret_cast<const std::uint32_t*>(&state_);
  return halves + (std::endian::native == std::endian::little ? 1 : 0);
}

// May find the mutex destroyed, and touches nothing of it.
void FutexMutex::wake() const noexcept {
  futex_wake(wake_up_word(), 1);
}

}  // namespace crosstalk::pool
