// A lock whose order among others is watched (lock_order.h): the lock under test inside a wrapper, for verification. Made where nobody
// watches, it is that lock and a test of a pointer. Contract and operations are those of L.
#pragma once

#include <chrono>

#include "harness/verify/code_place.h"
#include "harness/verify/lock_order.h"
#include "pool/contract.h"
#include "pool/guarded.h"

namespace crosstalk::harness::verify {

template <pool::ExclusiveLock L>
class WatchedLock {
 public:
  static constexpr pool::LockContract kContract = pool::kContractOf<L>;
  // Where order among waiters is bounded, a reader does not overtake a writer for ever: so it may wait for one.
  static constexpr bool kReadersWait = kContract.shared && kContract.fairness != pool::Fairness::none;

  // Locks that are made at one place are one class.
  explicit WatchedLock(const CodePlace& site = CodePlace::current())
      : order_(LockOrder::current()), number_(order_ == nullptr ? 0 : order_->made(site, kReadersWait)) {}
  WatchedLock(const WatchedLock&) = delete;
  WatchedLock& operator=(const WatchedLock&) = delete;

  void lock() {
    wait(HoldMode::exclusive, [this] { lock_.lock(); });
  }
  void unlock() {
    drop();
    lock_.unlock();
  }
  bool try_lock() requires requires(L& l) { l.try_lock(); }
  {
    return attempt(HoldMode::exclusive, [this] { return lock_.try_lock(); });
  }
  bool try_lock_for(std::chrono::nanoseconds time) requires requires(L& l) { l.try_lock_for(time); }
  {
    return attempt(HoldMode::exclusive, [&] { return lock_.try_lock_for(time); });
  }
  void lock_shared() requires pool::SharedLock<L> {
    wait(HoldMode::shared, [this] { lock_.lock_shared(); });
  }
  void unlock_shared() requires pool::SharedLock<L> {
    drop();
    lock_.unlock_shared();
  }
  bool try_lock_shared() requires requires(L& l) { l.try_lock_shared(); }
  {
    return attempt(HoldMode::shared, [this] { return lock_.try_lock_shared(); });
  }
  bool try_lock_shared_for(std::chrono::nanoseconds time) requires requires(L& l) {
    l.try_lock_shared_for(time);
  }
  {
    return attempt(HoldMode::shared, [&] { return lock_.try_lock_shared_for(time); });
  }

 private:
  template <class Lock>
  void wait(HoldMode mode, Lock&& take) {
    if (order_ != nullptr) order_->waits(number_, mode);
    take();
    if (order_ != nullptr) order_->holds(number_, mode);
  }
  template <class Try>
  bool attempt(HoldMode mode, Try&& take) {
    const bool got = take();
    if (got && order_ != nullptr) order_->holds(number_, mode);
    return got;
  }
  void drop() {
    if (order_ != nullptr) order_->drops(number_);
  }

  LockOrder* const order_;
  const std::uint32_t number_;
  L lock_;
};

}  // namespace crosstalk::harness::verify
