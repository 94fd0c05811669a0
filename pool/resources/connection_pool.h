// connection_pool: at most `max` connections, lent to one holder at a time. A permit is the right to have one connection: max of them exist. With it comes an idle connection if there is one, else
// its holder opens one. Who finds no permit waits in a queue, and permits (with their connection) go from hand to hand in
// its order: nobody overtakes.
//
// Invariant, guarded by mutex_: permits taken = leased_; idle + leased_ <= max; waiters exist only while leased_ == max.
//
// Before it is handed out, an idle connection that has lived for max_lifetime is replaced, and any connection is
// validated. One that fails is replaced once; should its replacement fail too, the caller gets BrokenConnection. What the
// factory throws comes out of acquire as well; the permit goes back in both cases. No lock is held while the factory, the
// validation or the destructor of a connection runs. A validation that throws says no.
//
// Progress: acquire and return are one short critical section each where a permit is free; else acquire blocks until its
// deadline. The pool has no thread of its own: idle connections age only if somebody calls maintain() now and then.
//
// Ownership: the pool owns idle connections, a lease its own until it ends, by an exception too. The pool must outlive its
// leases: the destructor closes it and waits until all are back, for ever if its own thread holds one.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "pool/resources/connection_lease.h"
#include "pool/resources/connection_pool_stats.h"
#include "pool/resources/connection_source.h"
#include "pool/resources/waiter_queue.h"
#include "pool/sync/condition.h"

namespace crosstalk::pool {

// Clock: of the ages; another one is for tests.
template <class Connection, class Clock = std::chrono::steady_clock>
class ConnectionPool {
 public:
  using ConnectionType = Connection;
  using Held = HeldConnection<Connection, Clock>;
  using Lease = ConnectionLease<ConnectionPool>;
  using Factory = typename ConnectionSource<Connection, Clock>::Factory;
  using Validation = typename ConnectionSource<Connection, Clock>::Validation;

  // Opens `min` connections. Throws std::invalid_argument, and what the factory throws.
  ConnectionPool(const ConnectionPoolOptions& options, Factory factory, Validation validation = {})
      : options_(options), source_(options, std::move(factory), std::move(validation)) {
    options_.check();
    idle_.reserve(options_.max);
    while (idle_.size() < options_.min) idle_.push_back(open());
  }
  ~ConnectionPool() {
    close();
    std::unique_lock lock(mutex_);
    all_back_.wait(mutex_, [this] { return leased_ == 0; });
  }
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  [[nodiscard]] Lease acquire() { return acquire_until(kNoDeadline); }
  [[nodiscard]] Lease acquire_for(std::chrono::nanoseconds time) { return acquire_until(deadline_in(time)); }
  // With a deadline long ago: what is there at once, or nothing.
  [[nodiscard]] Lease acquire_until(Deadline deadline) {
    Held held;
    const AcquireStatus status = take(held, deadline);
    if (status != AcquireStatus::ok) return Lease(status);
    try {
      held = fit_for_use(std::move(held));
    } catch (...) {
      abandon();
      throw;
    }
    return Lease(*this, std::move(held));
  }

  // Idle connections are destroyed, lent ones when they come back. Waiters wake with `closed`, as does everybody who
  // comes later; an acquire that has its permit already still gets its connection. Idempotent.
  void close() noexcept {
    std::vector<Held> doomed;
    const std::lock_guard lock(mutex_);  // released before `doomed` is destroyed
    closed_ = true;
    doomed.swap(idle_);
    stats_.closed += doomed.size();
    stats_.refused += waiters_.close();
  }

  // Destroys idle connections that are past max_lifetime, and those above `min` that were idle for max_idle; then opens
  // what is missing to `min`. Throws what the factory throws.
  void maintain() {
    while (retire_one()) {
    }
    while (reserve_missing()) {
      try {
        pass_on(open(), 0);
      } catch (...) {
        pass_on({}, 0);  // of open(): pass_on() itself does not throw
        throw;
      }
    }
  }

  [[nodiscard]] ConnectionPoolStats stats() const {
    const std::lock_guard lock(mutex_);
    ConnectionPoolStats stats = stats_;
    stats.idle = idle_.size();
    stats.leased = leased_;
    stats.waiting = waiters_.size();
    return stats;
  }

 private:
  friend Lease;
  using Waiters = WaiterQueue<Held>;
  using Counter = std::uint64_t ConnectionPoolStats::*;
  // A permit, and a connection if an idle one was there or was handed over.
  AcquireStatus take(Held& held, Deadline deadline) {
    typename Waiters::Waiter self;
    {
      const std::lock_guard lock(mutex_);
      if (closed_) {
        ++stats_.refused;
        return AcquireStatus::closed;
      }
      if (leased_ < options_.max) {
        ++stats_.acquired;
        stats_.leased_peak = std::max(stats_.leased_peak, ++leased_);
        if (!idle_.empty()) {
          held = std::move(idle_.back());
          idle_.pop_back();
        }
        return AcquireStatus::ok;
      }
      ++stats_.waited;
      waiters_.push(self);
    }
    self.wait_until(deadline);
    if (!self.granted()) {
      const std::lock_guard lock(mutex_);
      if (waiters_.remove(self)) {
        ++stats_.timed_out;
        return AcquireStatus::timed_out;
      }
      if (!self.granted()) return AcquireStatus::closed;  // counted by close()
    }
    held = std::move(self.grant);
    return AcquireStatus::ok;
  }

  // The connection given, or the one that takes its place.
  Held fit_for_use(Held held) {
    if (held.connection && source_.expired(held)) retire(held, &ConnectionPoolStats::expired);
    for (int tries = 0; tries < 2; ++tries) {
      if (!held.connection) held = open();
      if (source_.valid(*held.connection)) return held;
      retire(held, &ConnectionPoolStats::broken);
    }
    throw BrokenConnection("ConnectionPool: a connection failed its validation, and so did its replacement");
  }

  Held open() {
    Held held = source_.open();
    const std::lock_guard lock(mutex_);
    ++stats_.opened;
    return held;
  }

  void retire(Held& held, Counter reason) noexcept {
    held.connection.reset();
    const std::lock_guard lock(mutex_);
    ++(stats_.*reason);
  }

  void end_loan(Held held, bool broken) noexcept {
    if (broken) {
      retire(held, &ConnectionPoolStats::broken);
    } else if (source_.expired(held)) {
      retire(held, &ConnectionPoolStats::expired);
    }
    pass_on(std::move(held), 1);
  }

  void abandon() noexcept {
    std::unique_lock lock(mutex_);
    --stats_.acquired;
    ++stats_.failed;
    lock.unlock();
    pass_on({}, 0);
  }

  // Gives the permit, and the connection if there is one, to the first waiter, or back to the pool.
  void pass_on(Held held, std::uint64_t returned) noexcept {
    source_.begin_idling(held);
    typename Waiters::Wake wake;
    std::unique_lock lock(mutex_);
    stats_.returned += returned;
    if (closed_ && held.connection) {
      ++stats_.closed;
      lock.unlock();
      held.connection.reset();
      lock.lock();
    }
    if (!waiters_.empty()) {
      ++stats_.acquired;
      wake = waiters_.hand_over(std::move(held));
    } else {
      --leased_;
      if (held.connection) idle_.push_back(std::move(held));  // reserved: it does not throw
      // With the lock held, so that the pool is still there.
      if (closed_ && leased_ == 0) all_back_.notify_all();
    }
    lock.unlock();
    wake();
  }

  bool retire_one() {
    Held doomed;
    const std::lock_guard lock(mutex_);  // released before `doomed` is destroyed
    const bool spare = idle_.size() + leased_ > options_.min;
    const auto due = [&](const Held& held) {
      return source_.expired(held) || (spare && source_.idle_too_long(held));
    };
    const auto found = std::find_if(idle_.begin(), idle_.end(), due);  // the longest idle one comes first
    if (found == idle_.end()) return false;
    ++(source_.expired(*found) ? stats_.expired : stats_.trimmed);
    doomed = std::move(*found);
    idle_.erase(found);
    return true;
  }

  bool reserve_missing() {
    const std::lock_guard lock(mutex_);
    if (closed_ || idle_.size() + leased_ >= options_.min) return false;
    ++leased_;
    return true;
  }

  const ConnectionPoolOptions options_;
  const ConnectionSource<Connection, Clock> source_;
  mutable std::mutex mutex_;  // guards the members below
  std::vector<Held> idle_;    // the one used last is at the end, and is lent first
  Waiters waiters_;
  std::size_t leased_ = 0;
  bool closed_ = false;
  ConnectionPoolStats stats_;
  Condition all_back_;  // the last lease of a closed pool is back
};

}  // namespace crosstalk::pool
