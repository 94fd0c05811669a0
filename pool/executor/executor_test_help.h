// What the tests of the executor share.
#pragma once

#include <catch2/catch.hpp>

#include <atomic>
#include <cstddef>
#include <memory>

#include "pool/executor/thread_pool.h"

namespace crosstalk::pool {

inline ThreadPool::Options fixed_pool(unsigned threads, std::size_t capacity = 1000,
                                      QueuePolicy policy = QueuePolicy::block) {
  ThreadPool::Options options = ThreadPool::Options::fixed(threads);
  options.capacity = capacity;
  options.policy = policy;
  return options;
}

inline void check_accounts(const ThreadPool& pool) {
  const PoolStats stats = pool.stats();
  CAPTURE(stats.submitted, stats.completed, stats.failed, stats.timed_out, stats.cancelled, stats.dropped,
          stats.unrun, stats.rejected);
  CHECK(stats.submitted == stats.accounted());
}

// Closed until it is opened; then for ever open.
class Gate {
 public:
  void wait() const noexcept {
    // acquire: synchronizes with the release in open().
    open_.wait(false, std::memory_order_acquire);
  }
  void open() noexcept {
    // release: synchronizes with the acquire in wait().
    open_.store(true, std::memory_order_release);
    open_.notify_all();
  }

 private:
  std::atomic<bool> open_{false};
};

// Keeps one worker of a pool busy, from when it is made to when it is released.
class Occupied {
 public:
  explicit Occupied(ThreadPool& pool) {
    pool.post(Task([gates = gates_] {
                gates->begun.open();
                gates->end.wait();
              }),
              Priority::urgent);
    gates_->begun.wait();
  }
  Occupied(Occupied&&) = default;
  ~Occupied() {
    if (gates_ != nullptr) release();
  }
  void release() noexcept { gates_->end.open(); }

 private:
  struct Gates {
    Gate begun;
    Gate end;
  };
  std::shared_ptr<Gates> gates_ = std::make_shared<Gates>();  // shared: the task may be the last to touch it
};

}  // namespace crosstalk::pool
