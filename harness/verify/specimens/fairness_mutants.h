// Locks whose bug shows only when many wait, or one for long; see lock_mutants.h.
#pragma once

#include "harness/verify/specimens/lock_mutants.h"

namespace crosstalk::harness::verify {

// M09, of the chapter: readers come in as long as one is there, so a writer may wait for ever. Declared as `declared` says: with a
// bound it is the mutant, without one it is a decoy.
template <pool::Fairness declared>
class M09Lock : public M05Lock<false> {
 public:
  static constexpr pool::LockContract kContract{
      .shared = true,
      .fairness = declared,
      .bypass_bound = declared == pool::Fairness::none ? ~std::uint64_t{0} : 64,
      .parks = true,
      .algorithm = "prefers readers",
      .source = "specimen M09"};
};

// Its twin: a writer that waits keeps new readers out.
class M09Twin {
 public:
  static constexpr pool::LockContract kContract{.shared = true,
                                                .fairness = pool::Fairness::bounded,
                                                .bypass_bound = 64,
                                                .parks = true,
                                                .algorithm = "prefers writers",
                                                .source = "specimen M09"};
  void lock() {
    std::unique_lock guard(mutex_);
    ++waiting_;
    changed_.wait(guard, [this] { return readers_ == 0 && !writer_; });
    --waiting_;
    writer_ = true;
  }
  void unlock() {
    const std::lock_guard guard(mutex_);
    writer_ = false;
    changed_.notify_all();
  }
  void lock_shared() {
    std::unique_lock guard(mutex_);
    changed_.wait(guard, [this] { return !writer_ && waiting_ == 0; });
    ++readers_;
  }
  void unlock_shared() {
    const std::lock_guard guard(mutex_);
    if (--readers_ == 0) changed_.notify_all();
  }

 private:
  std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  int readers_ = 0;
  int waiting_ = 0;
  bool writer_ = false;
};

// M10: tickets of eight bits: of 257 that ask at once two have the same number.
template <class Number>
class M10Lock {
 public:
  static constexpr pool::LockContract kContract{
      .fairness = pool::Fairness::fifo, .bypass_bound = 0, .algorithm = "tickets", .source = "specimen M10"};
  void lock() noexcept {
    // relaxed: the number alone counts. acquire: pairs with the release in unlock().
    const Number mine = next_.fetch_add(1, std::memory_order_relaxed);
    while (serving_.load(std::memory_order_acquire) != mine) sched_yield();
  }
  void unlock() noexcept {
    // release: pairs with the acquire in lock(); relaxed: only the holder writes it.
    serving_.store(static_cast<Number>(serving_.load(std::memory_order_relaxed) + 1),
                   std::memory_order_release);
  }

 private:
  std::atomic<Number> next_{0};
  std::atomic<Number> serving_{0};
};

}  // namespace crosstalk::harness::verify
