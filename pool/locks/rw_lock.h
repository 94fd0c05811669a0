// rw_lock: a reader-writer lock of one word that starves nobody, has deadlines and parks its waiters. A free lock is taken by
// whoever comes first, waiting or not, since handing it to a sleeper costs a switch of threads each time; those who wait are
// passed a bounded number of times and are then owed the lock. After the eventual fairness of nsync and of WebKit's ParkingLot,
// with the phases of Brandenburg and Anderson (Real-Time Systems 2010) for readers that are owed it.
//
// The bits and every step are in rw_lock_state.h. Who waits is counted when it goes to sleep for the first time, after a
// short spin.
//
//   held | readers | heir or writer owed | meaning                       | reader comes | new writer comes
//   0    | 0       | 0                   | free                          | enters       | enters
//   0    | n       | 0                   | n readers are in              | enters       | waits
//   1    | 0       | 0                   | a writer is in                | waits        | waits
//   0    | 0       | 1                   | kept for a waiting writer     | waits        | waits
//   0    | n       | 1                   | the same, n readers are in    | waits        | waits
//   1    | 0       | 1                   | a writer is in, one is next   | waits        | waits
//
// Entering while others wait is a pass if it may keep them out: any entry if a writer waits, a writer's if a reader does. After
// 4,095 passes a writer is owed the lock (no other than one of the writers that wait enters next) and readers are owed it (the
// next unlock() lets in all that wait, in one step; the parity flips, which tells them). A waiting writer that enters ends its
// debt; passes then count from 0 unless a reader waits.
// A writer that was woken and does not get in within another spin becomes the heir: nobody but the heir enters next. There is
// one heir at a time. A reader that was woken in vain makes the readers owed at once.
//
// Sleepers wait in the kernel's queue, first come, first served: readers, writers, the heir, on channels of their own. Who opens
// the lock wakes one of each kind that may enter, and takes down the kind's `asleep`, so that nobody wakes a second one while the
// first is on its way; who is woken puts it up again, or wakes the next itself, in the step in which it enters, sleeps again or
// gives up. They sleep on the low half, which alone says who may enter, so that no change for the better is missed between
// the last look and the sleep.
//
// Bounds. A thread looks 68 times, between pauses and then yields, some twenty microseconds on an idle machine; on a crowded one,
// where a yield may last a turn of the run queue, until 10 ms have passed. Meanwhile it may be passed without limit. Then it
// sleeps and is counted. From there on, in entries: a reader is passed by 4,095 writers at
// most and the one that is in then; between two turns of writers that wait there are at most 4,095 entries of others, those of
// readers aside that are owed the lock at that time. Writers that wait take turns in the order of the kernel's queue, except
// that one that was woken while there is an heir already, and finds the lock taken, goes to the end. A reader that had looked
// before the first writer went to sleep may still enter after that, uncounted; each running thread once.
// try_lock() and the timed forms obey the same rules as lock(): they never enter where it would not.
//
// A reader adds itself and then looks. While it takes itself out of a lock that it found closed, a writer's try_lock() may fail although
// nobody is inside.
//
// Limits: 8,191 readers inside, 1,023 sleepers of each kind; beyond that readers and waiters yield until there is room, and
// have no bound. Not recursive: who takes it again in either form may wait for itself. A reader cannot become a writer.
// It may be destroyed as soon as the last one has got in and out: unlocking does not touch it after the step that lets others in.
//
// Progress: lock(), lock_shared() and the timed forms block; try_lock(), try_lock_shared(), unlock() and unlock_shared() are
// lock-free. No errors, no allocation.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "pool/contract.h"
#include "pool/locks/rw_lock_state.h"
#include "pool/sync/futex.h"

namespace crosstalk::pool {

class RwLock {
 public:
  static constexpr std::uint64_t kPassesMax = 4'095;
  static constexpr LockContract kContract{
      .shared = true,
      .fairness = Fairness::bounded,
      .bypass_bound = kPassesMax + 1,  // for each waiter ahead of it, see above
      .parks = true,
      .algorithm = "barging, bounded; spins, parks",
      .source = "after nsync; Brandenburg, Anderson 2010"};

  RwLock() = default;
  RwLock(const RwLock&) = delete;
  RwLock& operator=(const RwLock&) = delete;

  void lock() noexcept {
    // A guess: a read first would fetch the line a second time for the CAS, where others look at it.
    std::uint64_t seen = 0;
    // acquire: as (1). relaxed: looked at again.
    if (state_.compare_exchange_strong(seen, State::writer_enters(0), std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
      return;
    }
    if (!try_lock()) static_cast<void>(lock_slow(kNoDeadline));
  }
  [[nodiscard]] bool try_lock() noexcept {
    // relaxed: validated by the CAS.
    std::uint64_t seen = state_.load(std::memory_order_relaxed);
    while (State::admits_writer(seen)) {
      // (1) - acquire: synchronizes with the releases of writers (2) and readers (4).
      if (state_.compare_exchange_weak(seen, State::writer_enters(seen), std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }
  // False if the deadline passed first, and then nothing is left of the attempt. With one long ago it is a try_lock().
  [[nodiscard]] bool try_lock_until(Deadline deadline) noexcept { return try_lock() || lock_slow(deadline); }
  [[nodiscard]] bool try_lock_for(std::chrono::nanoseconds time) noexcept {
    return try_lock() || lock_slow(deadline_in(time));
  }

  void unlock() noexcept {
    // A guess, as in lock(). relaxed: as in try_lock().
    std::uint64_t seen = State::kHeld;
    while ((seen & (State::kAsleep | State::kReadersOwed)) == 0) {
      // (2) - release: synchronizes with who enters next, (1), (3), (5), (6) and (7).
      if (state_.compare_exchange_weak(seen, seen - State::kHeld, std::memory_order_release,
                                       std::memory_order_relaxed)) {
        return;
      }
    }
    unlock_slow(seen);
  }

  void lock_shared() noexcept {
    if (!try_lock_shared()) static_cast<void>(lock_shared_slow(kNoDeadline));
  }
  [[nodiscard]] bool try_lock_shared() noexcept {
    // relaxed: validated by the addition or the CAS.
    std::uint64_t seen = state_.load(std::memory_order_relaxed);
    if (State::admits_reader_freely(seen)) {
      // An addition, which other readers cannot make fail as they would a CAS. acquire: as (3).
      if (State::admits_reader(state_.fetch_add(State::kReader, std::memory_order_acquire))) return true;
      step_back();
      return false;
    }
    while (State::admits_reader(seen)) {
      // (3) - acquire: synchronizes with the release of writers (2).
      if (state_.compare_exchange_weak(seen, State::reader_enters(seen), std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }
  // As for writers.
  [[nodiscard]] bool try_lock_shared_until(Deadline deadline) noexcept {
    return try_lock_shared() || lock_shared_slow(deadline);
  }
  [[nodiscard]] bool try_lock_shared_for(std::chrono::nanoseconds time) noexcept {
    return try_lock_shared() || lock_shared_slow(deadline_in(time));
  }

  void unlock_shared() noexcept {
    // relaxed: a hint; those who fall asleep later are seen by the subtraction.
    std::uint64_t seen = state_.load(std::memory_order_relaxed);
    if ((seen & State::kAsleep) != 0) return unlock_shared_slow(seen);
    // A subtraction, which other readers cannot make fail as they would a CAS.
    // (4) - release: synchronizes with the acquires of writers (1) and (5).
    seen = state_.fetch_sub(State::kReader, std::memory_order_release);
    if ((seen & State::kAsleep) != 0) [[unlikely]]
      wake(State::slips_out(seen));
  }

  // For tests and statistics: how many wait asleep at this moment, or woken and not yet in.
  [[nodiscard]] unsigned waiting_writers() const noexcept {
    // relaxed: may be out of date as soon as it is read.
    const std::uint64_t seen = state_.load(std::memory_order_relaxed);
    return static_cast<unsigned>((seen & State::kWaitingWriters) / State::kWaitingWriter);
  }
  [[nodiscard]] unsigned waiting_readers() const noexcept {
    // relaxed: as above.
    const std::uint64_t seen = state_.load(std::memory_order_relaxed);
    return static_cast<unsigned>((seen & State::kWaitingReaders) / State::kWaitingReader);
  }

 private:
  using State = RwLockState<kPassesMax>;

  [[gnu::cold]] [[gnu::noinline]] bool lock_slow(Deadline deadline) noexcept;
  [[gnu::cold]] [[gnu::noinline]] bool lock_shared_slow(Deadline deadline) noexcept;
  [[gnu::cold]] [[gnu::noinline]] void unlock_slow(std::uint64_t seen) noexcept;
  [[gnu::cold]] [[gnu::noinline]] void unlock_shared_slow(std::uint64_t seen) noexcept;
  [[gnu::cold]] [[gnu::noinline]] void step_back() noexcept;
  bool wait_asleep(Deadline deadline) noexcept;
  bool wait_shared_asleep(Deadline deadline) noexcept;
  bool enter_waiting(std::uint64_t& seen, bool is_heir) noexcept;
  bool enter_waiting_shared(std::uint64_t& seen, std::uint64_t parity) noexcept;
  bool become_heir(std::uint64_t seen) noexcept;
  bool give_up(bool is_heir) noexcept;
  bool give_up_shared(std::uint64_t parity) noexcept;
  bool sleep(std::uint64_t state, std::uint64_t asleep, Deadline deadline) noexcept;
  [[gnu::cold]] void wake(const State::Step& step) noexcept;

  std::atomic<std::uint64_t> state_{0};
};
static_assert(sizeof(RwLock) == 8);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace crosstalk::pool
