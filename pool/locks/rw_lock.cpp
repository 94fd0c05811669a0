#include "pool/locks/rw_lock.h"

#include <bit>
#include <climits>

#include <sched.h>

#include "pool/cache_line.h"

namespace crosstalk::pool {

namespace {

// What a thread does between its looks before it sleeps: a few pauses, each twice as long as the one before, then yields, some
// twenty microseconds of them on an idle machine. A yield keeps its hands off the word and lets a holder run that waits for
// this processor. Where others want the processor, too, a yield may last until all of them have had a turn: so there is a
// limit of time.
class RwLooks {
 public:
  // False after the last look.
  bool look_on() noexcept {
    const int look = look_++;
    if (look < kPauses) {
      for (int i = 0; i < 1 << look; ++i) cpu_relax();
      return true;
    }
    if (look == kPauses) end_ = deadline_in(kTime);
    if (look >= kPauses + kYields || (look > kPauses && has_passed(end_))) return false;
    sched_yield();
    return true;
  }

 private:
  static constexpr int kPauses = 4;
  static constexpr int kYields = 64;
  static constexpr std::chrono::milliseconds kTime{10};
  int look_ = 0;
  Deadline end_{};
};

}  // namespace

bool RwLock::lock_slow(Deadline deadline) noexcept {
  if (has_passed(deadline)) return false;
  for (RwLooks looks; looks.look_on() && !has_passed(deadline);) {
    if (try_lock()) return true;
  }
  return wait_asleep(deadline);
}

// Enters if it may. `seen` is what was seen last, and will be.
bool RwLock::enter_waiting(std::uint64_t& seen, bool is_heir) noexcept {
  while (State::admits_waiting_writer(seen, is_heir)) {
    // (5) - acquire: synchronizes with the releases (2) and (4). relaxed on failure: looked at again.
    if (state_.compare_exchange_weak(seen, State::waiting_writer_enters(seen, is_heir),
                                     std::memory_order_acquire, std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

// By one that waits: nobody else enters next. False if there is an heir.
bool RwLock::become_heir(std::uint64_t seen) noexcept {
  while ((seen & State::kHeir) == 0) {
    // relaxed (both): waiting orders nothing, entering does.
    if (state_.compare_exchange_weak(seen, seen | State::kHeir, std::memory_order_relaxed,
                                     std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

bool RwLock::wait_asleep(Deadline deadline) noexcept {
  bool waits = false;  // and is counted
  bool is_heir = false;
  for (RwLooks looks;;) {
    // relaxed: validated by the CAS below.
    std::uint64_t seen = state_.load(std::memory_order_relaxed);
    if (waits ? enter_waiting(seen, is_heir) : try_lock()) return true;
    if (waits ? looks.look_on() : State::admits_writer(seen)) continue;
    if (has_passed(deadline)) return waits && give_up(is_heir);
    if (waits && !is_heir && become_heir(seen)) {
      is_heir = true;
      looks = {};
      continue;
    }
    if (!waits && !State::writer_may_wait(seen)) {
      sched_yield();
      continue;
    }
    const std::uint64_t next = State::writer_sleeps(seen, waits, is_heir);
    // relaxed (both): as in become_heir(); that it stands before the sleep, the word's own order says.
    if (!state_.compare_exchange_strong(seen, next, std::memory_order_relaxed, std::memory_order_relaxed)) {
      continue;
    }
    waits = true;
    looks = {};
    if (!sleep(next, is_heir ? State::kHeirAsleep : State::kWritersAsleep, deadline)) return give_up(is_heir);
  }
}

// True if the lock was there to be taken after all.
bool RwLock::give_up(bool is_heir) noexcept {
  // relaxed: validated by the CAS.
  std::uint64_t seen = state_.load(std::memory_order_relaxed);
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
  for (RwLooks looks; looks.look_on() && !has_passed(deadline);) {
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
  for (RwLooks looks;;) {
    if (!waits && try_lock_shared()) return true;
    // (6) - acquire: synchronizes with the release of the writer that let this reader in (2).
    std::uint64_t seen = state_.load(std::memory_order_acquire);
    if (waits && enter_waiting_shared(seen, parity)) return true;
    if (waits ? looks.look_on() : State::admits_reader(seen)) continue;
    if (has_passed(deadline)) return waits && give_up_shared(parity);
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
    looks = {};
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

// By a reader that has added itself while the lock was closed.
void RwLock::step_back() noexcept {
  // relaxed: nothing was read.
  const std::uint64_t seen = state_.fetch_sub(State::kReader, std::memory_order_relaxed);
  if ((seen & State::kAsleep) != 0) wake(State::slips_out(seen));
}

void RwLock::unlock_slow(std::uint64_t seen) noexcept {
  State::Step step;
  do {
    step = State::unlocks(seen);
    // release: as (2). relaxed on failure: tried again.
  } while (
      !state_.compare_exchange_weak(seen, step.next, std::memory_order_release, std::memory_order_relaxed));
  wake(step);
}

void RwLock::unlock_shared_slow(std::uint64_t seen) noexcept {
  State::Step step;
  do {
    step = State::unlocks_shared(seen);
    // release: as (4). relaxed on failure: tried again.
  } while (
      !state_.compare_exchange_weak(seen, step.next, std::memory_order_release, std::memory_order_relaxed));
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
