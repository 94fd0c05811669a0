// rw_lock: a reader-writer lock of one word that starves nobody, has deadlines and parks its waiters. Reader and writer
// phases alternate while both wait, after the phase-fair lock of Brandenburg and Anderson (Real-Time Systems 2010).
// Waiting writers form batches instead of holding tickets, so that one that gives up leaves no gap in a line.
//
// state_, low half:  | 31 turn | 30 parity | 29 wanted | 28 held | 27..14 waiting readers | 13..0 active readers |
//        high half:  | 63 - | 62..60 asleep: readers, batch 1, batch 0 | 59..46 writers of batch 1 | 45..32 of batch 0 |
//
//   held | active | wanted | meaning                                     | reader arrives | writer arrives
//   0    | 0      | 0      | free                                        | active + 1     | held = 1
//   0    | n      | 0      | n readers hold it                           | active + 1     | joins batch `turn`
//   0    | n      | 1      | n readers hold it, writers wait             | waiting + 1    | joins the other batch
//   0    | 0      | 1      | reserved for a writer of batch `turn`       | waiting + 1    | joins the other batch
//   1    | 0      | 0      | a writer holds it                           | waiting + 1    | joins batch `turn`
//   1    | 0      | 1      | a writer holds it, others wait              | waiting + 1    | joins the other batch
// In the first two states readers may still wait for a moment: after the last waiting writer has given up they enter one by
// one. Whoever comes meanwhile does as the table says.
//
// Invariants: held excludes active readers; wanted = some writer waits; if batch `turn` is empty, so is the other one. A
// batch that becomes empty passes the turn; while it is not empty, nobody joins it. unlock() lets in all waiting readers
// in one step (active = waiting, waiting = 0, parity flips), else it leaves the lock reserved. A waiting reader enters when
// the parity has flipped (it is counted as active already), or takes itself in when neither held nor wanted is set any more.
// The parity cannot flip twice past a reader: it flips with held set, for which that reader must have left.
//
// Who sleeps, sleeps on the low half, which alone says whether it may enter: so a change for the better is never missed
// between the last look and the sleep. Readers and the two batches sleep on channels of their own. One writer is woken at a
// time; whoever of its batch enters first wakes the next one when it leaves, and a waiter decides to give up in the
// same step in which it sees that it may not enter: a wake-up that it consumed has then been for nothing.
//
// Bounds. A reader waits for at most one writer, whichever come later. Between two writers at most one batch of readers
// passes, those that wait when the first one leaves. A waiting writer is overtaken by each other writer at most once.
// Nobody barges: try_lock() fails while others wait for what it wants.
//
// Limits: 16,383 threads that read or wait to, and as many waiting writers in a batch. Not recursive: who takes it again in
// either form may wait for itself. A reader cannot become a writer. It may be destroyed as soon as the last one has got in
// and out: unlocking does not touch it after the step that lets others in.
//
// Progress: lock(), lock_shared() and the timed forms block; try_lock(), try_lock_shared(), unlock() are lock-free;
// unlock_shared() is wait-free. Waiters spin for some ten microseconds, then sleep. No errors, no allocation.
#pragma once

#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>

#include "pool/contract.h"
#include "pool/sync/futex.h"

namespace crosstalk::pool {

class RwLock {
 public:
  static constexpr LockContract kContract{.shared = true,
                                          .fairness = Fairness::bounded,
                                          .bypass_bound = 1,  // of phases, see above
                                          .parks = true,
                                          .algorithm = "phase-fair, writers in batches, parks",
                                          .source = "after Brandenburg, Anderson 2010"};

  RwLock() = default;
  RwLock(const RwLock&) = delete;
  RwLock& operator=(const RwLock&) = delete;

  void lock() noexcept {
    if (!try_lock()) static_cast<void>(lock_slow(kNoDeadline));
  }
  [[nodiscard]] bool try_lock() noexcept {
    // relaxed: validated by the CAS.
    std::uint64_t seen = state_.load(std::memory_order_relaxed);
    while ((seen & kNotFree) == 0) {
      // (1) - acquire: synchronizes with the releases of writers (2) and readers (4).
      if (state_.compare_exchange_weak(seen, seen | kHeld, std::memory_order_acquire,
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
    // relaxed: validated by the CAS.
    std::uint64_t seen = state_.load(std::memory_order_relaxed);
    // (2) - release: synchronizes with who enters next, (1), (3), (5), (6) and (7).
    while (!state_.compare_exchange_weak(seen, after_unlock(seen), std::memory_order_release,
                                         std::memory_order_relaxed)) {
    }
    if ((seen & kAsleep) != 0) wake_after_unlock(seen);
  }

  void lock_shared() noexcept {
    if (!try_lock_shared()) static_cast<void>(lock_shared_slow(kNoDeadline));
  }
  [[nodiscard]] bool try_lock_shared() noexcept {
    // relaxed: validated by the CAS.
    std::uint64_t seen = state_.load(std::memory_order_relaxed);
    while ((seen & kClosed) == 0) {
      // (3) - acquire: synchronizes with the release of writers (2).
      if (state_.compare_exchange_weak(seen, seen + kActiveOne, std::memory_order_acquire,
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
    // (4) - release: synchronizes with the acquires of writers (1) and (5).
    const std::uint64_t before = state_.fetch_sub(kActiveOne, std::memory_order_release);
    if ((before & (kActive | kWanted)) == (kActiveOne | kWanted)) wake_writer(before);
  }

  // For tests and statistics: how many wait at this moment.
  [[nodiscard]] unsigned waiting_writers() const noexcept {
    // relaxed: may be out of date as soon as it is read.
    const std::uint64_t seen = state_.load(std::memory_order_relaxed);
    return static_cast<unsigned>(writers_of(seen, 0) + writers_of(seen, 1));
  }
  [[nodiscard]] unsigned waiting_readers() const noexcept {
    // relaxed: as above.
    return static_cast<unsigned>((state_.load(std::memory_order_relaxed) & kWaiting) >> kWaitingShift);
  }

 private:
  static constexpr std::uint64_t kOne = 1;
  static constexpr std::uint64_t kCount = (kOne << 14) - 1;  // as wide as the four counts
  static constexpr std::uint64_t kActiveOne = 1;
  static constexpr std::uint64_t kActive = kCount;
  static constexpr unsigned kWaitingShift = 14;
  static constexpr std::uint64_t kWaitingOne = kOne << kWaitingShift;
  static constexpr std::uint64_t kWaiting = kCount << kWaitingShift;
  static constexpr std::uint64_t kHeld = kOne << 28;
  static constexpr std::uint64_t kWanted = kOne << 29;
  static constexpr std::uint64_t kParity = kOne << 30;
  static constexpr std::uint64_t kTurn = kOne << 31;
  static constexpr std::uint64_t kReadersAsleep = kOne << 62;
  static constexpr std::uint64_t kAsleep = (kOne << 60) | (kOne << 61) | kReadersAsleep;
  static constexpr std::uint64_t kNotFree = kActive | kHeld | kWanted;  // for a writer
  static constexpr std::uint64_t kClosed = kHeld | kWanted;             // for readers

  static constexpr unsigned turn_of(std::uint64_t state) { return (state & kTurn) != 0 ? 1 : 0; }
  static constexpr std::uint64_t writer_of(unsigned batch) { return kOne << (32 + 14 * batch); }
  static constexpr std::uint64_t writers_of(std::uint64_t state, unsigned batch) {
    return (state >> (32 + 14 * batch)) & kCount;
  }
  static constexpr std::uint64_t batch_asleep(unsigned batch) { return kOne << (60 + batch); }

  // Without the writer's hold, and with the waiting readers inside.
  static constexpr std::uint64_t after_unlock(std::uint64_t state) {
    const std::uint64_t waiting = state & kWaiting;
    state &= ~kHeld;
    if (waiting == 0) return state;
    return ((state & ~(kWaiting | kReadersAsleep)) ^ kParity) + (waiting >> kWaitingShift);
  }
  static std::uint64_t without_waiting_writer(std::uint64_t state, unsigned batch);
  static std::uint64_t without_waiting_reader(std::uint64_t state);

  [[gnu::cold]] bool lock_slow(Deadline deadline) noexcept;
  [[gnu::cold]] bool lock_shared_slow(Deadline deadline) noexcept;
  unsigned join_batch() noexcept;
  bool give_up(unsigned batch) noexcept;
  bool give_up_shared(std::uint64_t parity) noexcept;
  bool sleep(std::uint64_t seen, std::uint64_t asleep, Deadline deadline) noexcept;
  void wake(std::uint64_t asleep, int count) noexcept;
  void wake_writer(std::uint64_t state) noexcept;
  [[gnu::cold]] void wake_after_unlock(std::uint64_t before) noexcept;

  std::atomic<std::uint64_t> state_{0};
};
static_assert(sizeof(RwLock) == 8);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace crosstalk::pool
