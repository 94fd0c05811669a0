// event_count: turns "look, and if there is nothing, sleep" over any lock-free state into a wait that loses no wake-up.
// Source: the eventcount of Reed and Kanodia (CACM 22(2), 1979), in the form with a prepared wait.
//
//   waiter:    key = prepare(); look again; found: cancel(), else wait(key)
//   notifier:  change the state; notify_one() or notify_all()
//
// state_: | 63..32 epoch | 31..0 waiters |
//
// Invariant: prepare() and notify() are read-modify-writes of the same word, so one comes first. If the notifier does,
// the waiter's look sees the change (1); if the waiter does, the notifier sees a waiter, and the epoch that it moves on
// keeps the waiter from sleeping or wakes it.
//
// Who is woken returns and looks, also where the notification was meant for an earlier waiter (the kernel prefers threads of
// a higher priority): what was notified of is then found by somebody.
//
// Progress: prepare(), cancel() and the notify forms are wait-free; a notification without waiters is one atomic addition
// and no system call. wait() blocks. A waiter may return although the state has not changed: await() looks again. A key is
// good for 2^32 - 1 notifications. At most 2^32 - 1 waiters. No errors but those of the predicate. Nobody may be inside a
// call when the object is destroyed: who destroys what it has waited for must know that the notifier has left, too.
#pragma once

#include <atomic>
#include <bit>
#include <climits>
#include <cstdint>

#include "pool/sync/futex.h"

namespace crosstalk::pool {

class EventCount {
 public:
  using Key = std::uint32_t;

  EventCount() = default;
  EventCount(const EventCount&) = delete;
  EventCount& operator=(const EventCount&) = delete;

  // Every prepare() is followed by exactly one cancel() or wait of the same thread.
  [[nodiscard]] Key prepare() noexcept {
    // (1) - acquire: synchronizes with (2), so that what was changed before the notification is seen when looking again.
    // release: lets (2) see the waiter together with all that it did before.
    return epoch_of(state_.fetch_add(kWaiter, std::memory_order_acq_rel));
  }
  void cancel() noexcept { leave(); }

  void wait(Key key) noexcept { wait_until(key, kNoDeadline); }
  // False if the deadline passed without a notification.
  bool wait_until(Key key, Deadline deadline) noexcept {
    // acquire (both): synchronizes with (2), as (1). A notification that came with the deadline counts.
    const bool woken =
        epoch_of(state_.load(std::memory_order_acquire)) != key || futex_wait(epoch_word(), key, deadline);
    const bool notified = epoch_of(state_.load(std::memory_order_acquire)) != key || woken;
    leave();
    return notified;
  }

  void notify_one() noexcept { notify(1); }
  void notify_all() noexcept { notify(INT_MAX); }

  // Waits until `done()` holds, which it must not cease to do before the waiter has seen it, or be the waiter's own
  // taking of something. True; with a deadline, false if it passed first, however many notifications come meanwhile.
  // `done` runs on this thread, without a lock.
  template <class Done>
  bool await(Done&& done, Deadline deadline = kNoDeadline) {
    while (!done()) {
      const Preparation preparation(*this);
      if (done()) return true;
      if (!preparation.wait_until(deadline) || has_passed(deadline)) return done();
    }
    return true;
  }

 private:
  static constexpr std::uint64_t kWaiter = 1;
  static constexpr std::uint64_t kEpoch = std::uint64_t{1} << 32;

  // Cancels by itself, should `done` throw.
  class Preparation {
   public:
    explicit Preparation(EventCount& events) noexcept : events_(events), key_(events.prepare()) {}
    Preparation(const Preparation&) = delete;
    Preparation& operator=(const Preparation&) = delete;
    ~Preparation() {
      if (!waited_) events_.cancel();
    }
    bool wait_until(Deadline deadline) const noexcept {
      waited_ = true;
      return events_.wait_until(key_, deadline);
    }

   private:
    EventCount& events_;
    Key key_;
    mutable bool waited_ = false;
  };

  static Key epoch_of(std::uint64_t state) noexcept { return static_cast<Key>(state >> 32); }
  // For the kernel alone, which compares it with the key.
  [[nodiscard]] const std::uint32_t* epoch_word() const noexcept {
    return reinterpret_cast<const std::uint32_t*>(&state_) +
           (std::endian::native == std::endian::little ? 1 : 0);
  }

  void leave() noexcept {
    // relaxed: only a count; a notifier that still sees the waiter makes a system call too many.
    state_.fetch_sub(kWaiter, std::memory_order_relaxed);
  }

  void notify(int count) noexcept {
    // (2) - acq_rel: the release lets (1) and a waiter's look at the epoch see what was changed before; the acquire
    // synchronizes with (1), so that a waiter that came first is seen.
    const std::uint64_t before = state_.fetch_add(kEpoch, std::memory_order_acq_rel);
    if (static_cast<std::uint32_t>(before) != 0) futex_wake(epoch_word(), count);
  }

  std::atomic<std::uint64_t> state_{0};
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace crosstalk::pool
