// A thread pool of one worker of which one can know that it sleeps: for replays in which one thread runs at a time.
#pragma once

#include <cstdint>

#include "harness/count/call_tally.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::harness::count {

class RestingPool {
 public:
  // What the worker does counts in CallTally. Throws std::system_error if there are no more threads.
  RestingPool() : pool_(options()) {}

  [[nodiscard]] pool::ThreadPool& pool() noexcept { return pool_; }
  [[nodiscard]] std::uint64_t submitted() const { return pool_.stats().submitted; }
  // Nothing is queued and nothing runs. The worker may still be on its way to sleep: CallTally::asleep().
  [[nodiscard]] bool is_done() const {
    const pool::PoolStats stats = pool_.stats();
    return stats.accounted() == stats.submitted;
  }

 private:
  static pool::PoolOptions options() {
    pool::PoolOptions options = pool::PoolOptions::fixed(1);
    options.on_worker_start = [](unsigned) { CallTally::count_this_thread(true); };
    return options;
  }

  pool::ThreadPool pool_;
};

}  // namespace crosstalk::harness::count
