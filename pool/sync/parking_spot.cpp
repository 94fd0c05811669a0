#include "pool/sync/parking_spot.h"

#include <pthread.h>

#include <bit>

#include "pool/sync/asymmetric_barrier.h"
#include "pool/sync/futex.h"

namespace crosstalk::pool {

namespace {

// Before anybody needs it: until it is decided, a lock's release costs a full barrier.
[[maybe_unused]] const auto kDecided = detail::decide_barrier_mode();

}  // namespace

constinit ParkingSpot ParkingSpot::spots_[1U << kSpotBits];
// Threads that were parked do not exist in a child.
const bool ParkingSpot::forgets_in_children_ =
    pthread_atfork(nullptr, nullptr, &ParkingSpot::forget_all) == 0;

void ParkingSpot::wake_one(const void* lock) noexcept {
  // acquire: pairs with the release in enter(); who sees somebody counted in sees whose spot it is.
  std::uint64_t seen = state_.load(std::memory_order_acquire);
  do {
    // relaxed: ordered by the acquires of state_; a change of owner since then makes the CAS fail.
    if (!wants_waking(seen) || owner_.load(std::memory_order_relaxed) != lock) return;
    // relaxed: waking orders nothing, entering the lock does. acquire: as above.
  } while (!state_.compare_exchange_weak(seen, (seen | kAwake) + kChangeOne, std::memory_order_relaxed,
                                         std::memory_order_acquire));
  futex_wake(changes_word(), 1);
}

bool ParkingSpot::enter(const void* lock, std::uint32_t& changes_seen) noexcept {
  // acquire: as in wake_one().
  std::uint64_t seen = state_.load(std::memory_order_acquire);
  for (;;) {
    if ((seen & kBusy) != 0) {
      cpu_relax();
      // acquire: as above.
      seen = state_.load(std::memory_order_acquire);
    } else if ((seen & kParked) == 0) {
      if (!take_over(lock, seen)) {
        // acquire: as above.
        seen = state_.load(std::memory_order_acquire);
        continue;
      }
      changes_seen = changes(seen + kChangeOne);
      return true;
      // relaxed: as in wake_one().
    } else if (owner_.load(std::memory_order_relaxed) != lock) {
      return false;
      // seq_cst: see wants_waking(). It is a release, which pairs with the acquire in wake_one(), and an acquire as above.
    } else if (state_.compare_exchange_weak(seen, seen + kParkedOne, std::memory_order_seq_cst,
                                            std::memory_order_acquire)) {
      changes_seen = changes(seen);
      return true;
    }
  }
}

// The spot was free when it was seen.
bool ParkingSpot::take_over(const void* lock, std::uint64_t seen) noexcept {
  const std::uint64_t free = seen & ~kAwake;
  // relaxed (both): published by the store below.
  if (!state_.compare_exchange_strong(seen, free | kBusy, std::memory_order_relaxed)) return false;
  owner_.store(lock, std::memory_order_relaxed);
  // seq_cst: see wants_waking(). It is a release, which pairs with the acquire in wake_one() and enter(). Nobody else changes the
  // state of a busy spot.
  state_.store(free + kParkedOne + kChangeOne, std::memory_order_seq_cst);
  return true;
}

std::uint32_t ParkingSpot::again() noexcept {
  // seq_cst: see wants_waking().
  return changes(state_.fetch_and(~kAwake, std::memory_order_seq_cst));
}

void ParkingSpot::sleep(std::uint32_t changes_seen) const noexcept {
  // relaxed: entering the lock orders, this only says that it is time to try.
  while (changes(state_.load(std::memory_order_relaxed)) == changes_seen)
    futex_wait(changes_word(), changes_seen);
}

void ParkingSpot::leave(std::uint32_t changes_seen) noexcept {
  // A wake-up since then may have been meant for this thread, also if it did not sleep.
  const auto left = [changes_seen](std::uint64_t state) {
    return (changes(state) != changes_seen ? state & ~kAwake : state) - kParkedOne;
  };
  // relaxed: validated by the CAS.
  std::uint64_t seen = state_.load(std::memory_order_relaxed);
  // relaxed: who is left behind has entered by itself, which no leaving of others has to order.
  while (!state_.compare_exchange_weak(seen, left(seen), std::memory_order_relaxed)) {
  }
}

unsigned ParkingSpot::parked(const void* lock) noexcept {
  const ParkingSpot& spot = of(lock);
  // acquire: as in wake_one(). relaxed: as there.
  const std::uint64_t state = spot.state_.load(std::memory_order_acquire);
  if (spot.owner_.load(std::memory_order_relaxed) != lock) return 0;
  return static_cast<unsigned>((state & kParked) / kParkedOne);
}

bool ParkingSpot::waking(const void* lock) noexcept {
  // relaxed: may be out of date as soon as it is read.
  return parked(lock) != 0 && (of(lock).state_.load(std::memory_order_relaxed) & kAwake) != 0;
}

const std::uint32_t* ParkingSpot::changes_word() const noexcept {
  const auto* const halves = reinterpret_cast<const std::uint32_t*>(&state_);
  return halves + (std::endian::native == std::endian::little ? 1 : 0);
}

void ParkingSpot::forget_all() noexcept {
  for (ParkingSpot& spot : spots_) {
    // relaxed (both): the child has one thread.
    spot.state_.store(0, std::memory_order_relaxed);
    spot.owner_.store(nullptr, std::memory_order_relaxed);
  }
}

}  // namespace crosstalk::pool
