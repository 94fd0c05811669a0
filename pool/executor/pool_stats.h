// The books of a thread pool.
//
// Law, exact whenever nobody is inside a call and no task is queued or running:
// submitted = completed + failed + timed_out + cancelled + dropped + unrun + rejected, each task in exactly one.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "pool/executor/executor.h"
#include "pool/executor/task.h"

namespace crosstalk::pool {

// A snapshot. While tasks run its numbers may be some tasks apart.
struct PoolStats {
  std::uint64_t submitted = 0;  // handed in, whatever became of it
  std::uint64_t completed = 0, failed = 0, timed_out = 0, cancelled = 0;
  std::uint64_t dropped = 0;   // by QueuePolicy::drop_oldest
  std::uint64_t unrun = 0;     // handed back by a shutdown
  std::uint64_t rejected = 0;  // never queued

  std::uint64_t above_capacity = 0;     // admitted from a task of this pool while the queue was full
  std::uint64_t caller_runs = 0;        // run by who handed it in
  std::uint64_t callback_errors = 0;    // callbacks that threw
  std::uint64_t creation_failures = 0;  // threads that could not be started

  std::array<std::size_t, kPriorities> depth{};  // queued, per lane
  unsigned active = 0;                           // threads that run tasks, or wait in one
  unsigned idle = 0;                             // threads that do not
  unsigned total = 0;                            // threads, those being started among them
  unsigned peak = 0;                             // the most there were
  bool paused = false;

  std::chrono::nanoseconds execution_total{0}, execution_most{0};    // running
  std::chrono::nanoseconds queue_wait_total{0}, queue_wait_most{0};  // from being handed in to being started

  [[nodiscard]] std::uint64_t accounted() const noexcept {
    return completed + failed + timed_out + cancelled + dropped + unrun + rejected;
  }
};

// What became of tasks, as one thread counts it while others look: only relaxed accesses, since each number is only a
// statistic; whoever needs them exact reads them when the pool is idle, ordered by its locks.
class TaskCounters {
 public:
  // By the one thread that counts here.
  void count(TaskOutcome outcome, std::uint64_t wait, std::uint64_t run) noexcept {
    bump(outcomes_[static_cast<std::size_t>(outcome)], 1);
    bump(wait_total_, wait);
    bump(run_total_, run);
    // relaxed: see above.
    if (wait > wait_most_.load(std::memory_order_relaxed)) wait_most_.store(wait, std::memory_order_relaxed);
    if (run > run_most_.load(std::memory_order_relaxed)) run_most_.store(run, std::memory_order_relaxed);
  }
  void count_callback_error() noexcept {
    // relaxed: see above.
    callback_errors_.fetch_add(1, std::memory_order_relaxed);
  }

  // Sums of several.
  struct Sums {
    std::array<std::uint64_t, kTaskOutcomes> outcomes{};
    std::uint64_t wait_total = 0, wait_most = 0, run_total = 0, run_most = 0, callback_errors = 0;
  };
  void add_to(Sums& sums) const noexcept {
    // relaxed: see above.
    const auto get = [](const Number& number) { return number.load(std::memory_order_relaxed); };
    for (std::size_t i = 0; i < kTaskOutcomes; ++i) sums.outcomes[i] += get(outcomes_[i]);
    sums.wait_total += get(wait_total_);
    sums.run_total += get(run_total_);
    sums.wait_most = std::max(sums.wait_most, get(wait_most_));
    sums.run_most = std::max(sums.run_most, get(run_most_));
    sums.callback_errors += get(callback_errors_);
  }

 private:
  using Number = std::atomic<std::uint64_t>;

  static void bump(Number& number, std::uint64_t by) noexcept {
    // relaxed: see above; not one operation, since only one thread writes.
    number.store(number.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }

  std::array<Number, kTaskOutcomes> outcomes_{};
  Number wait_total_{0}, wait_most_{0}, run_total_{0}, run_most_{0}, callback_errors_{0};
};

}  // namespace crosstalk::pool
