// condition: a condition variable for any lock of this library, or of the standard one.
//
// Who waits holds the lock, and holds it again afterwards, also where an exception leaves the predicate. The state waited for
// is changed under the lock; a notification given after the waiter has released the lock wakes it: prepare() comes before
// the unlock. Spurious wake-ups happen, so wait with a predicate. To wait as a reader, pass a std::shared_lock.
//
// Progress: the notify forms are wait-free and need no lock held; the waits block. Errors: what the lock and the predicate
// throw; if unlock() throws, nothing was waited for. Nobody may be inside a call when the object is destroyed: where the
// waiter destroys it, notify with the lock held.
#pragma once

#include <chrono>
#include <utility>

#include "pool/sync/event_count.h"

namespace crosstalk::pool {

class Condition {
 public:
  Condition() = default;
  Condition(const Condition&) = delete;
  Condition& operator=(const Condition&) = delete;

  void notify_one() noexcept { events_.notify_one(); }
  void notify_all() noexcept { events_.notify_all(); }

  // L: anything with lock() and unlock().
  template <class L>
  void wait(L& lock) {
    static_cast<void>(wait_until(lock, kNoDeadline));
  }
  template <class L, class Done>
  void wait(L& lock, Done&& done) {
    while (!done()) wait(lock);
  }

  // False if the deadline passed without a notification.
  template <class L>
  [[nodiscard]] bool wait_until(L& lock, Deadline deadline) {
    const EventCount::Key key = events_.prepare();
    try {
      lock.unlock();
    } catch (...) {
      events_.cancel();
      throw;
    }
    const bool notified = events_.wait_until(key, deadline);
    lock.lock();
    return notified;
  }
  // What `done()` says at the end: false only if the deadline passed, however many notifications came meanwhile.
  template <class L, class Done>
  [[nodiscard]] bool wait_until(L& lock, Deadline deadline, Done&& done) {
    while (!done()) {
      if (!wait_until(lock, deadline) || has_passed(deadline)) return done();
    }
    return true;
  }
  template <class L, class Done>
  [[nodiscard]] bool wait_for(L& lock, std::chrono::nanoseconds time, Done&& done) {
    return wait_until(lock, deadline_in(time), std::forward<Done>(done));
  }

 private:
  EventCount events_;
};

}  // namespace crosstalk::pool
