// A thread pool of one worker of which one can know that it sleeps: for replays in which one thread runs at a time.
#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "harness/count/call_tally.h"
#include "harness/verify/process_look.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::harness::count {

class RestingPool {
 public:
  // What the worker does counts in CallTally. Throws std::system_error if there are no more threads.
  RestingPool() : pool_(options()) {}

  [[nodiscard]] pool::ThreadPool& pool() noexcept { return pool_; }
  [[nodiscard]] std::uint64_t submitted() const { return pool_.stats().submitted; }
  // Nothing is queued and nothing runs. The worker may still be on its way to sleep.
  [[nodiscard]] bool is_done() const {
    const pool::PoolStats stats = pool_.stats();
    return stats.accounted() == stats.submitted;
  }
  // The kernel has put the worker to sleep. Where nobody holds the pool's locks, who waited for one has been woken: so it waits for work.
  [[nodiscard]] bool worker_sleeps() const {
    // acquire: pairs with the release in options().
    return verify::state_of_thread(worker_.load(std::memory_order_acquire)) == 'S';
  }

 private:
  pool::PoolOptions options() {
    pool::PoolOptions options = pool::PoolOptions::fixed(1);
    options.on_worker_start = [this](unsigned) {
      CallTally::count_this_thread(true);
      // release: pairs with the acquire in worker_sleeps().
      worker_.store(gettid(), std::memory_order_release);
    };
    return options;
  }

  std::atomic<pid_t> worker_{0};  // outlives the pool
  pool::ThreadPool pool_;
};

}  // namespace crosstalk::harness::count
