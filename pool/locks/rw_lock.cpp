#include "pool/locks/rw_lock.h"

#include <climits>

#include "pool/cache_line.h"

namespace crosstalk::pool {

namespace {

// Looks before a waiter sleeps: some ten microseconds, about as long as waking a sleeper takes. Since nobody may barge, one
// who sleeps makes all others wait for the waking; who looks for too short a time falls into sleeping every time.
constexpr int kLooks = 1000;

// Whether to look on; now and then the deadline is looked at, too.
bool looks_on(int looks, Deadline deadline) noexcept {
  return looks < kLooks && (looks % 64 != 63 || !has_passed(deadline));
}

}  // namespace

// A waiting writer goes: it enters or gives up. The batch that it leaves empty passes the turn.
std::uint64_t RwLock::without_waiting_writer(std::uint64_t state, unsigned batch) {
  state -= writer_of(batch);
  if (writers_of(state, batch) != 0) return state;
  state &= ~batch_asleep(batch);
  if (turn_of(state) != batch) return state;
  return writers_of(state, 1 - batch) != 0 ? state ^ kTurn : state & ~kWanted;
}

std::uint64_t RwLock::without_waiting_reader(std::uint64_t state) {
  state -= kWaitingOne;
  return (state & kWaiting) != 0 ? state : state & ~kReadersAsleep;
}

// Which batch this writer has become one of.
unsigned RwLock::join_batch() noexcept {
  // relaxed: validated by the CAS.
  std::uint64_t seen = state_.load(std::memory_order_relaxed);
  unsigned batch = 0;
  do {
    batch = (seen & kWanted) == 0 ? turn_of(seen) : 1 - turn_of(seen);
    // relaxed: waiting orders nothing, entering does.
  } while (!state_.compare_exchange_weak(seen, (seen + writer_of(batch)) | kWanted, std::memory_order_relaxed,
                                         std::memory_order_relaxed));
  return batch;
}

bool RwLock::lock_slow(Deadline deadline) noexcept {
  if (has_passed(deadline)) return false;
  const unsigned batch = join_batch();
  for (int looks = 0;; ++looks) {
    // relaxed: validated by the CAS (5).
    std::uint64_t seen = state_.load(std::memory_order_relaxed);
    if ((seen & (kActive | kHeld)) == 0 && turn_of(seen) == batch) {
      // (5) - acquire: synchronizes with the releases (2) and (4).
      if (state_.compare_exchange_strong(seen, without_waiting_writer(seen, batch) | kHeld,
                                         std::memory_order_acquire, std::memory_order_relaxed)) {
        return true;
      }
    } else if (looks_on(looks, deadline)) {
      cpu_relax();
    } else if (!sleep(seen, batch_asleep(batch), deadline)) {
      return give_up(batch);
    }
  }
}

// True if the lock was there to be taken after all.
bool RwLock::give_up(unsigned batch) noexcept {
  // relaxed: validated by the CAS.
  std::uint64_t seen = state_.load(std::memory_order_relaxed);
  for (;;) {
    const bool enters = (seen & (kActive | kHeld)) == 0 && turn_of(seen) == batch;
    const std::uint64_t without = without_waiting_writer(seen, batch);
    // acquire: as (5), for one who enters.
    if (state_.compare_exchange_weak(seen, enters ? without | kHeld : without, std::memory_order_acquire,
                                     std::memory_order_relaxed)) {
      if (enters) return true;
      // Readers that waited for this writer alone take themselves in. No other writer can have been waiting for it to go:
      // were its batch next and the lock free, it would have entered.
      const bool opened = (without & kClosed) == 0;
      if (opened && (seen & kReadersAsleep) != 0) wake(kReadersAsleep, INT_MAX);
      return false;
    }
  }
}

bool RwLock::lock_shared_slow(Deadline deadline) noexcept {
  if (has_passed(deadline)) return false;
  // relaxed: validated by the CAS.
  std::uint64_t seen = state_.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    next = seen + ((seen & kClosed) == 0 ? kActiveOne : kWaitingOne);
    // acquire: as (3), for one who enters.
  } while (!state_.compare_exchange_weak(seen, next, std::memory_order_acquire, std::memory_order_relaxed));
  if ((seen & kClosed) == 0) return true;
  const std::uint64_t parity = seen & kParity;
  for (int looks = 0;; ++looks) {
    // (6) - acquire: synchronizes with the release of the writer that let this reader in (2).
    seen = state_.load(std::memory_order_acquire);
    if ((seen & kParity) != parity) return true;
    if ((seen & kClosed) == 0) {
      // (7) - acquire: synchronizes with the release of the last writer (2). relaxed: a failure is looked at again.
      if (state_.compare_exchange_strong(seen, without_waiting_reader(seen) + kActiveOne,
                                         std::memory_order_acquire, std::memory_order_relaxed)) {
        return true;
      }
    } else if (looks_on(looks, deadline)) {
      cpu_relax();
    } else if (!sleep(seen, kReadersAsleep, deadline)) {
      return give_up_shared(parity);
    }
  }
}

// True if it has been let in, or finds the lock open after all.
bool RwLock::give_up_shared(std::uint64_t parity) noexcept {
  // acquire: as (6).
  std::uint64_t seen = state_.load(std::memory_order_acquire);
  for (;;) {
    if ((seen & kParity) != parity) return true;
    const bool enters = (seen & kClosed) == 0;
    const std::uint64_t without = without_waiting_reader(seen);
    // acquire (both): as (6) and (7).
    if (state_.compare_exchange_weak(seen, enters ? without + kActiveOne : without, std::memory_order_acquire,
                                     std::memory_order_acquire)) {
      return enters;
    }
  }
}

// Sleeps on the channel of `asleep` until the state may no longer be `seen`. False if the deadline has passed.
bool RwLock::sleep(std::uint64_t seen, std::uint64_t asleep, Deadline deadline) noexcept {
  // Looked at here too: while the word keeps changing, the kernel does not get as far as the deadline.
  if (has_passed(deadline)) return false;
  if ((seen & asleep) == 0) {
    // relaxed: a hint for who leaves; that it stands before the sleep, the word's own order says.
    if (!state_.compare_exchange_strong(seen, seen | asleep, std::memory_order_relaxed,
                                        std::memory_order_relaxed)) {
      return true;
    }
  }
  const auto* const halves = reinterpret_cast<const std::uint32_t*>(&state_);
  return futex_wait(halves + (std::endian::native == std::endian::little ? 0 : 1),
                    static_cast<std::uint32_t>(seen), deadline, static_cast<FutexChannels>(asleep >> 60));
}

void RwLock::wake(std::uint64_t asleep, int count) noexcept {
  const auto* const halves = reinterpret_cast<const std::uint32_t*>(&state_);
  futex_wake(halves + (std::endian::native == std::endian::little ? 0 : 1), count,
             static_cast<FutexChannels>(asleep >> 60));
}

void RwLock::wake_writer(std::uint64_t state) noexcept {
  const std::uint64_t asleep = batch_asleep(turn_of(state));
  if ((state & asleep) != 0) wake(asleep, 1);
}

void RwLock::wake_after_unlock(std::uint64_t before) noexcept {
  if ((before & kWaiting) == 0) {
    wake_writer(before);
  } else if ((before & kReadersAsleep) != 0) {
    wake(kReadersAsleep, INT_MAX);
  }
}

}  // namespace crosstalk::pool
