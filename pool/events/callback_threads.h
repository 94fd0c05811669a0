// callback_threads: a thread for each event and callback, as the chapter does it; kept to be measured.
//
// Invariant: at most `most` threads live; each is joined, never detached: by the next start(), by join_all(), or by the
// destructor. A thread that destroys its own bus cannot join itself: its handle goes to a shelf, from which the next such
// thread or the end of the process joins it.
//
// Progress: start() takes a short lock twice and makes a thread between. No lock is held during a callback.
#pragma once

#include <list>
#include <mutex>
#include <thread>

#include "pool/events/subscription.h"

namespace crosstalk::pool::detail {

class BusCore;

class CallbackThreads {
 public:
  CallbackThreads(BusCore& core, unsigned most) noexcept : core_(core), most_(most) {}
  CallbackThreads(const CallbackThreads&) = delete;
  CallbackThreads& operator=(const CallbackThreads&) = delete;
  ~CallbackThreads();

  // False, with nothing done, if `most` live already or the system gives no thread.
  [[nodiscard]] bool start(Subscription& subscription, Link& link) noexcept;
  // All but the calling one. Nobody may be inside start().
  void join_all() noexcept;
  [[nodiscard]] unsigned live() const;

 private:
  struct Entry {
    std::thread thread;
    bool made = false;   // `thread` is it
    bool ended = false;  // past its callback
  };
  using Threads = std::list<Entry>;

  void run(Subscription& subscription, Link& link, Threads::iterator self) noexcept;
  template <std::memory_order order>
  void call(Subscription& subscription, Link& link) noexcept;

  BusCore& core_;
  const unsigned most_;
  mutable std::mutex mutex_;  // guards the members below
  Threads live_;
  Threads ended_;  // made and ended
};

}  // namespace crosstalk::pool::detail
