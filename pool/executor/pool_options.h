// How a thread pool is to be.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <thread>

#include "pool/executor/pool_stats.h"

namespace crosstalk::pool {

// What post() does when the queue is full.
enum class QueuePolicy : std::uint8_t {
  block,          // waits for room
  reject,         // refuses the task
  caller_runs,    // runs the task on the calling thread
  block_timeout,  // waits for room, and after Options::block_timeout refuses the task
  drop_oldest,    // makes room: the oldest task of the lowest lane in use is destroyed unrun and counted
};

struct PoolOptions {
  unsigned min_threads = 2;
  unsigned max_threads = 20;
  std::chrono::nanoseconds keep_alive =
      std::chrono::seconds(60);  // of a thread above the minimum that finds nothing to do
  std::size_t capacity = 1000;
  QueuePolicy policy = QueuePolicy::block;
  std::chrono::nanoseconds block_timeout = std::chrono::seconds(1);  // see QueuePolicy
  std::string name = "pool";                                         // of the threads, cut to 15 characters

  std::function<void(unsigned)> on_worker_start = {};  // runs first on each worker, with its index
  // Gets what tasks throw that have no error callback and no future. What it throws is counted.
  std::function<void(std::exception_ptr)> on_error = {};
  // Called every monitor_interval with a snapshot, on a thread of its own; none, no such thread.
  std::function<void(const PoolStats&)> monitor = {};
  std::chrono::nanoseconds monitor_interval = std::chrono::seconds(30);
  // Makes the workers' threads, in place of std::thread's constructor; throws if it cannot.
  std::function<std::thread(std::function<void()>)> start_thread = {};

  // As many threads all the time.
  [[nodiscard]] static PoolOptions fixed(unsigned threads) {
    PoolOptions options;
    options.min_threads = threads;
    options.max_threads = threads;
    return options;
  }
};

}  // namespace crosstalk::pool
