#include "pool/locks/rw_lock.h"

#include <climits>

#include <bit>

#include <sched.h>

#include "pool/cache_line.h"

namespace crosstalk::pool {

namespace {

#ifndef RW_PAUSES
#define RW_PAUSES 12
#define RW_YIELDS 4
#define RW_WOKEN 200
#endif
constexpr int kNewLooks = RW_PAUSES;
constexpr int kYields = RW_YIELDS;
constexpr int kWokenLooks = RW_WOKEN;

void pause_longer(int look) noexcept {
  const int pauses = look < 5 ? 1 << look : 32;
  for (int i = 0; i < pauses; ++i) cpu_relax();
}

// What a thread does between its looks before it sleeps; false when it has looked often enough.
bool looks_on(int look, Deadline deadline) noexcept {
  if (look >= kNewLooks + kYields) return false;
  if (look < kNewLooks) {
    pause_longer(look);
  } else {
    if (has_passed(deadline)) return false;
    sched_yield();
  }
  return true;
}

}  // namespace

bool RwLock::lock_slow(Deadline deadline) noexcept {
  if (has_passed(deadline)) return false;
  for (int look = 0; looks_on(look, deadline); ++look) {
    if (try_lock()) return true;
  }
  return wait_asleep(deadline);
}

// Enters if it may. What it found otherwise is in `seen`.
bool RwLock::enter_waiting(std::uint64_t& seen, bool is_heir) noexcept {
  // relaxed: validated by the CAS.
  seen = state_.load(std::memory_order_relaxed);
  while (State::admits_waiting_writer(seen, is_heir)) {
    // (5) - acquire: synchronizes with the releases (2) and (4).
    if (state_.compare_exchange_weak(seen, State::waiting_writer_enters(seen, is_heir),
                                     std::memory_order_acquire, std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

bool RwLock::wait_asleep(Deadline deadline) noexcept {
  bool waits = false;  // and is counted
  bool is_heir = false;
  for (int look = 0;;) {
    std::uint64_t seen = 0;
    if (waits ? enter_waiting(seen, is_heir) : try_lock()) return true;
    if (!waits) {
      // relaxed: validated by the CAS below.
      seen = state_.load(std::memory_order_relaxed);
      if (State::admits_writer(seen)) continue;
    }
    if (waits && look++ < kWokenLooks) {
      cpu_relax();
      continue;
    }
    if (has_passed(deadline)) return waits ? give_up(is_heir) : false;
    std::uint64_t next = 0;
    if (waits && (seen & State::kHeir) == 0) {
      next = seen | State::kHeir;
      // relaxed (both): waiting orders nothing, entering does.
      if (state_.compare_exchange_strong(seen, next, std::memory_order_relaxed, std::memory_order_relaxed)) {
        is_heir = true;
        look = 0;
      }
      continue;
    }
    if (!waits && !State::writer_may_wait(seen)) {
      sched_yield();
      continue;
    }
    next = State::writer_sleeps(seen, waits, is_heir);
    // relaxed (both): as above; that it stands before the sleep, the word's own order says.
    if (!state_.compare_exchange_strong(seen, next, std::memory_order_relaxed, std::memory_order_relaxed)) {
      continue;
    }
    waits = true;
    look = 0;
    if (!sleep(next, is_heir ? State::kHeirAsleep : State::kWritersAsleep, deadline)) return give_up(is_heir);
  }
}

// True if the lock was there to be taken after all.
bool RwLock::give_up(bool is_heir) noexcept {
  std::uint64_t seen = 0;
  for (;;) {
    if (enter_waiting(seen, is_heir)) return true;
    const State::Step step = State::writer_gives_up(seen, is_heir);
    // relaxed: nothing was read or written.
    if (state_.compare_exchange_weak(seen, step.next, std::memory_order_relaxed, std::memory_order_relaxed)) {
      wake(step);
      return false;
    }
  }
}

bool RwLock::lock_shared_slow(Deadline deadline) noexcept {
  if (has_passed(deadline)) return false;
  for (int look = 0; looks_on(look, deadline); ++look) {
    if (try_lock_shared()) return true;
  }
  return wait_shared_asleep(deadline);
}

// Enters if it may, unless it has been let in, which is the same. `seen` is what was seen last, and will be.
bool RwLock::enter_waiting_shared(std::uint64_t& seen, std::uint64_t parity) noexcept {
  while ((seen & State::kParity) == parity && State::admits_reader(seen)) {
    const State::Step step = State::waiting_reader_enters(seen);
    // (7) - acquire (both): synchronizes with the release of the last writer (2), or of the one that let it in.
    if (state_.compare_exchange_weak(seen, step.next, std::memory_order_acquire, std::memory_order_acquire)) {
      wake(step);
      return true;
    }
  }
  return (seen & State::kParity) != parity;
}

bool RwLock::wait_shared_asleep(Deadline deadline) noexcept {
  bool waits = false;
  std::uint64_t parity = 0;
  for (int look = 0;;) {
    if (!waits && try_lock_shared()) return true;
    // (6) - acquire: synchronizes with the release of the writer that let this reader in (2).
    std::uint64_t seen = state_.load(std::memory_order_acquire);
    if (waits && enter_waiting_shared(seen, parity)) return true;
    if (!waits && State::admits_reader(seen)) continue;
    if (waits && look++ < kWokenLooks) {
      cpu_relax();
      continue;
    }
    if (has_passed(deadline)) return waits ? give_up_shared(parity) : false;
    // Nobody wakes readers when there is room for one more.
    if ((seen & State::kReadersFull) != 0 || (!waits && !State::reader_may_wait(seen))) {
      sched_yield();
      continue;
    }
    const std::uint64_t next = State::reader_sleeps(seen, waits);
    // relaxed (both): waiting orders nothing, entering does.
    if (!state_.compare_exchange_strong(seen, next, std::memory_order_relaxed, std::memory_order_relaxed)) {
      continue;
    }
    waits = true;
    parity = next & State::kParity;
    look = 0;
    if (!sleep(next, State::kReadersAsleep, deadline)) return give_up_shared(parity);
  }
}

// True if it has been let in, or finds the lock open after all.
bool RwLock::give_up_shared(std::uint64_t parity) noexcept {
  // acquire: as (6).
  std::uint64_t seen = state_.load(std::memory_order_acquire);
  for (;;) {
    if (enter_waiting_shared(seen, parity)) return true;
    // acquire (both): as (6).
    if (state_.compare_exchange_weak(seen, State::reader_gives_up(seen), std::memory_order_acquire,
                                     std::memory_order_acquire)) {
      return false;
    }
  }
}

void RwLock::unlock_slow(std::uint64_t seen) noexcept {
  State::Step step;
  do {
    step = State::unlocks(seen);
    // release: as (2).
  } while (!state_.compare_exchange_weak(seen, step.next, std::memory_order_release, std::memory_order_relaxed));
  wake(step);
}

void RwLock::unlock_shared_slow(std::uint64_t seen) noexcept {
  State::Step step;
  do {
    step = State::unlocks_shared(seen);
    // release: as (4).
  } while (!state_.compare_exchange_weak(seen, step.next, std::memory_order_release, std::memory_order_relaxed));
  wake(step);
}

// Sleeps until the low half may no longer be that of `state`. False if the deadline has passed.
bool RwLock::sleep(std::uint64_t state, std::uint64_t asleep, Deadline deadline) noexcept {
  const auto* const halves = reinterpret_cast<const std::uint32_t*>(&state_);
  return futex_wait(halves + (std::endian::native == std::endian::little ? 0 : 1),
                    static_cast<std::uint32_t>(state), deadline, static_cast<FutexChannels>(asleep));
}

// Does not touch the word, which may have ceased to exist.
void RwLock::wake(const State::Step& step) noexcept {
  const auto* const halves = reinterpret_cast<const std::uint32_t*>(&state_);
  const std::uint32_t* const low = halves + (std::endian::native == std::endian::little ? 0 : 1);
  if (step.wake_readers) futex_wake(low, INT_MAX, static_cast<FutexChannels>(State::kReadersAsleep));
  for (const std::uint64_t kind : {State::kHeirAsleep, State::kWritersAsleep, State::kReadersAsleep}) {
    if ((step.wake_one & kind) != 0) futex_wake(low, 1, static_cast<FutexChannels>(kind));
  }
}

}  // namespace crosstalk::pool
