// A bounded pool of worker threads with four priorities.
//
// Accounting, exact whenever the pool is idle: submitted = completed + failed + rejected. A task that throws counts as
// failed and harms nobody else. Workers and blocked callers sleep on futexes (std::atomic::wait), not on pthread
// condition variables. Destroying the pool drains it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "pool/cache_line.h"
#include "pool/executor/executor.h"
#include "pool/executor/priority_lanes.h"

namespace crosstalk::pool {

// What post() does when the queue is full.
enum class QueuePolicy : std::uint8_t { block, reject, caller_runs };

struct PoolStats {
  std::uint64_t submitted = 0, completed = 0, failed = 0, rejected = 0;
  std::uint64_t above_capacity = 0;  // admitted from a worker while the queue was full
  std::array<std::size_t, kPriorities> depth{};
  unsigned workers = 0;
};

class ThreadPool final : public Executor {
 public:
  struct Options {
    unsigned workers = 2;
    std::size_t capacity = 1000;
    QueuePolicy policy = QueuePolicy::block;
    std::string name = "pool";                      // of the threads, cut to 15 characters
    std::function<void(unsigned)> on_worker_start;  // runs first on each worker, with its index
  };

  // Starts the workers. Throws std::invalid_argument for no workers or no capacity, std::system_error if not even one
  // thread can be started; with some, the pool works with those.
  explicit ThreadPool(Options options);
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Blocking only under QueuePolicy::block with a full queue, and never on a worker of this pool: that would be a
  // deadlock, so its tasks are admitted above the capacity and counted. After shutdown(): rejected.
  Admission post(Task task, Priority priority) override;

  // As post(), with the result or exception in a future; a rejected task's future reports std::future_error.
  template <class F>
  auto submit(F&& f, Priority priority = Priority::normal) {
    std::packaged_task<std::invoke_result_t<F>()> job(std::forward<F>(f));
    auto future = job.get_future();
    post(Task([job = std::move(job)]() mutable { job(); }), priority);
    return future;
  }

  // Waits until no task is queued or running. Must not be called on a worker of this pool.
  void wait_idle();

  // Takes nothing more, runs everything that is queued, ends the workers. Idempotent; concurrent callers all return
  // after the end. Throws std::logic_error on a worker of this pool, which cannot join itself.
  void shutdown();

  [[nodiscard]] PoolStats stats() const;

  // The index of the worker this runs on, or -1 elsewhere (whichever pool it belongs to).
  [[nodiscard]] static int current_worker() noexcept;

 private:
  void run_worker(unsigned index);
  void run(Task& task) noexcept;
  bool next(Task& task);
  [[nodiscard]] bool on_own_worker() const noexcept;
  Admission run_here(Task& task);

  // A number that changes when something happened; sleeping on it cannot miss a change made after it was read.
  struct Signal {
    std::atomic<std::uint32_t> epoch{0};
    unsigned sleepers = 0;  // guarded by the pool's mutex_
  };
  static void sleep_on(Signal& signal, std::unique_lock<std::mutex>& guard);
  static void wake(Signal& signal, std::unique_lock<std::mutex>& guard, bool all);

  const Options options_;
  mutable std::mutex mutex_;  // guards lanes_, active_, stopping_ and the sleepers
  PriorityLanes<Task> lanes_;
  unsigned active_ = 0;  // workers running a task
  bool stopping_ = false;
  Signal work_;            // for workers: a task came, or the end
  Signal space_;           // for blocked callers: a slot came free
  Signal idle_;            // for wait_idle()
  std::mutex join_mutex_;  // guards joining the workers
  std::vector<std::thread> workers_;
  std::atomic<std::uint64_t> submitted_{0}, completed_{0}, failed_{0}, rejected_{0}, above_capacity_{0};
};

}  // namespace crosstalk::pool
