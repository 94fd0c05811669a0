#include "pool/events/callback_threads.h"

#include <utility>

#include "pool/events/bus_core.h"

namespace crosstalk::pool::detail {

namespace {

void join_each(std::list<std::thread>& threads) noexcept {
  for (std::thread& thread : threads) {
    if (thread.joinable()) thread.join();
  }
  threads.clear();
}

// Handles of threads that were the last to hold their bus.
class ThreadShelf {
 public:
  ThreadShelf() = default;
  ThreadShelf(const ThreadShelf&) = delete;
  ThreadShelf& operator=(const ThreadShelf&) = delete;
  ~ThreadShelf() { join_each(threads_); }

  void put(std::list<std::thread>& own) noexcept {
    std::list<std::thread> earlier;
    {
      const std::scoped_lock guard(mutex_);
      earlier.swap(threads_);
      threads_.splice(threads_.end(), own);
    }
    join_each(earlier);
  }

 private:
  std::mutex mutex_;  // guards threads_
  std::list<std::thread> threads_;
};

ThreadShelf& thread_shelf() {
  static ThreadShelf shelf;
  return shelf;
}

}  // namespace

CallbackThreads::~CallbackThreads() {
  Threads own;
  for (auto thread = ended_.begin(); thread != ended_.end(); ++thread) {
    if (thread->get_id() != std::this_thread::get_id()) continue;
    own.splice(own.end(), ended_, thread);
    break;
  }
  join_each(ended_);
  if (!own.empty()) thread_shelf().put(own);
}

bool CallbackThreads::start(Subscription& subscription, Link& link) noexcept {
  Threads ended;
  {
    const std::scoped_lock guard(mutex_);
    ended.swap(ended_);
  }
  join_each(ended);
  try {
    const std::scoped_lock guard(mutex_);
    if (live_.size() >= most_) return false;
    live_.emplace_front();
    const auto self = live_.begin();
    subscription.retain();
    core_.retain();
    try {
      *self = std::thread([this, &subscription, &link, self] { run(subscription, link, self); });
    } catch (...) {
      live_.erase(self);
      subscription.release();
      core_.release();
      return false;
    }
    return true;
  } catch (...) {
    return false;
  }
}

void CallbackThreads::run(Subscription& subscription, Link& link, Threads::iterator self) noexcept {
  if (barrier_is_asymmetric()) {
    call<std::memory_order_release>(subscription, link);  // release: the rare side's barrier does the rest
  } else {
    call<std::memory_order_seq_cst>(subscription, link);  // seq_cst: see pass_record.h
  }
  subscription.release();
  {
    const std::scoped_lock guard(mutex_);
    ended_.splice(ended_.end(), live_, self);
  }
  core_.release();  // the last use of this object
}

template <std::memory_order order>
void CallbackThreads::call(Subscription& subscription, Link& link) noexcept {
  const Pass<order> pass(&core_);
  const Outcome outcome = subscription.run<order>(pass.slot(), link.envelope->event());
  link.envelope->release(1);
  BusCounters& counters = core_.counters();
  if (outcome == Outcome::dropped) {
    counters.add(&pass.record(), BusCount::dropped, 1);
    return;
  }
  counters.add(&pass.record(), BusCount::started, 1);
  counters.add(&pass.record(), outcome == Outcome::failed ? BusCount::failed : BusCount::delivered, 1);
}

void CallbackThreads::join_all() noexcept {
  for (;;) {
    std::thread next;
    {
      const std::scoped_lock guard(mutex_);
      for (Threads* threads : {&live_, &ended_}) {
        for (std::thread& thread : *threads) {
          if (thread.joinable() && thread.get_id() != std::this_thread::get_id()) next = std::move(thread);
          if (next.joinable()) break;
        }
        if (next.joinable()) break;
      }
    }
    if (!next.joinable()) return;
    next.join();
  }
}

unsigned CallbackThreads::live() const {
  const std::scoped_lock guard(mutex_);
  return static_cast<unsigned>(live_.size());
}

}  // namespace crosstalk::pool::detail
