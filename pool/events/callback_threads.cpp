#include "pool/events/callback_threads.h"

#include <utility>

#include "pool/events/bus_core.h"

namespace crosstalk::pool::detail {

namespace {

template <class Entries>
void join_each(Entries& entries) noexcept {
  for (auto& entry : entries) {
    if (entry.thread.joinable()) entry.thread.join();
  }
  entries.clear();
}

// Threads that were the last to hold their bus.
template <class Entries>
class ThreadShelf {
 public:
  ThreadShelf() = default;
  ThreadShelf(const ThreadShelf&) = delete;
  ThreadShelf& operator=(const ThreadShelf&) = delete;
  ~ThreadShelf() { join_each(entries_); }

  void put(Entries& own) noexcept {
    Entries earlier;
    {
      const std::scoped_lock guard(mutex_);
      earlier.swap(entries_);
      entries_.splice(entries_.end(), own);
    }
    join_each(earlier);
  }

 private:
  std::mutex mutex_;  // guards entries_
  Entries entries_;
};

template <class Entries>
ThreadShelf<Entries>& thread_shelf() {
  static ThreadShelf<Entries> shelf;
  return shelf;
}

}  // namespace

CallbackThreads::~CallbackThreads() {
  Threads own;
  for (auto entry = ended_.begin(); entry != ended_.end(); ++entry) {
    if (entry->thread.get_id() != std::this_thread::get_id()) continue;
    own.splice(own.end(), ended_, entry);
    break;
  }
  join_each(ended_);
  if (!own.empty()) thread_shelf<Threads>().put(own);
}

bool CallbackThreads::start(Subscription& subscription, Link& link) noexcept {
  Threads ended;
  Threads entry;
  {
    const std::scoped_lock guard(mutex_);
    ended.swap(ended_);
  }
  join_each(ended);
  try {
    entry.emplace_back();
  } catch (...) {
    return false;
  }
  const auto self = entry.begin();
  {
    const std::scoped_lock guard(mutex_);
    if (live_.size() >= most_) return false;
    live_.splice(live_.end(), entry);
  }
  subscription.retain();
  core_.retain();
  try {
    std::thread thread([this, &subscription, &link, self] { run(subscription, link, self); });
    const std::scoped_lock guard(mutex_);
    self->thread = std::move(thread);
    self->made = true;
    if (self->ended) ended_.splice(ended_.end(), live_, self);
    return true;
  } catch (...) {
    const std::scoped_lock guard(mutex_);
    live_.erase(self);
  }
  subscription.release();
  core_.release();
  return false;
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
    self->ended = true;
    if (self->made) ended_.splice(ended_.end(), live_, self);
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
        for (Entry& entry : *threads) {
          if (entry.thread.joinable() && entry.thread.get_id() != std::this_thread::get_id()) {
            next = std::move(entry.thread);
            break;
          }
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
