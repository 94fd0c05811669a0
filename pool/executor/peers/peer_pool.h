// What the adapters over other people's thread pools share: the books, the workers' numbers, and an end that waits for every
// task. The queue is the peer's.
//
// Of PoolOptions they take max_threads, on_worker_start, on_error and, where they make the threads, name. They take no notice of
// the rest: no peer has per-task priorities (tasks of every priority share one queue) or a bound (capacity and policy; nothing
// is ever refused for want of room), and none grows or shrinks. PeerPoolTraits says so for tables.
//
// Progress: post() is the peer's submission and a few additions to counters of the caller's own. A task is run and destroyed on
// a worker. Errors: what a task throws is caught and counted; post() passes on std::bad_alloc and has taken nothing then.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "pool/containers/counter.h"
#include "pool/executor/executor.h"
#include "pool/executor/pool_context.h"
#include "pool/executor/pool_options.h"
#include "pool/executor/pool_stats.h"
#include "pool/locks/peers/tsan_marks.h"
#include "pool/sync/brief_wait.h"

namespace crosstalk::pool {

struct PeerPoolTraits {
  bool fifo = false;           // tasks of one submitter start in the order of their submission
  std::string_view algorithm;  // a few words
  std::string_view source;
};

class PeerPool : public WorkerPool {
 public:
  // Throws std::invalid_argument for no threads.
  explicit PeerPool(const PoolOptions& options) : options_(options), shares_(options.max_threads) {
    if (options.max_threads == 0) throw std::invalid_argument("pool: max_threads must be at least 1, got 0");
  }
  PeerPool(const PeerPool&) = delete;
  PeerPool& operator=(const PeerPool&) = delete;

  [[nodiscard]] PoolStats stats() const final {
    PoolStats stats;
    Outcomes outcomes{};
    sum_outcomes(outcomes);
    stats.completed = outcomes[static_cast<std::size_t>(TaskOutcome::completed)];
    stats.failed = outcomes[static_cast<std::size_t>(TaskOutcome::failed)];
    stats.timed_out = outcomes[static_cast<std::size_t>(TaskOutcome::timed_out)];
    stats.cancelled = outcomes[static_cast<std::size_t>(TaskOutcome::cancelled)];
    stats.rejected = static_cast<std::uint64_t>(rejected_.sum());
    stats.submitted = admitted() + stats.rejected;
    stats.total = stats.peak = options_.max_threads;
    return stats;
  }

 protected:
  ~PeerPool() override = default;

  // Counts a task and calls enqueue() with it, unless the pool is closed to the caller.
  template <class Enqueue>
  Admission hand_over(Enqueue&& enqueue) {
    // In this order: who looked first and counted then could be held in between until the pool had drained and ended.
    count_admitted(1);
    // (2) seq_cst: after the addition in count_admitted(), as (3) is before the sum in admitted(). A shutdown either is seen here
    // or waits for this task.
    if (here_ != this && closed_.load(std::memory_order_seq_cst)) {
      count_admitted(-1);
      rejected_.add(1);
      return Admission::rejected;
    }
    mark_acquired(this);
    mark_releasing(this);
    try {
      enqueue();
    } catch (...) {
      count_admitted(-1);
      throw;
    }
    return Admission::accepted;
  }

  // Runs a task on a worker, destroys it and counts what became of it.
  void run(Task& task) noexcept {
    mark_acquired(this);
    TaskOutcome outcome = TaskOutcome::failed;
    try {
      outcome = task();
    } catch (...) {
      report(std::current_exception());
    }
    task.reset();
    mark_releasing(this);
    Number& number = shares_[index()].outcomes[static_cast<std::size_t>(outcome)];
    // relaxed: only this worker writes. (1) - release: pairs with the acquire in sum_outcomes(); who sees that a task
    // is done sees what it has admitted.
    number.store(number.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  // This thread is worker `index` from now on, until it leaves; whoever was before has left.
  void enter(unsigned index) noexcept {
    here_ = this;
    pool_context().index = static_cast<int>(index);
    try {
      if (options_.on_worker_start) options_.on_worker_start(index);
    } catch (...) {
      report(std::current_exception());
    }
  }
  static void leave() noexcept {
    here_ = nullptr;
    pool_context().index = -1;
  }
  [[nodiscard]] bool is_here() const noexcept { return here_ == this; }

  // Nothing more from outside; returns when all that was admitted has run. Throws std::logic_error in a task of this pool, which
  // would wait for itself. False if the pool was closed before.
  bool close_and_drain() {
    if (is_here()) throw std::logic_error("pool: shut down by one of its own tasks");
    // (3) seq_cst: pairs with (2).
    const bool first = !closed_.exchange(true, std::memory_order_seq_cst);
    const auto drained = [this] {
      Outcomes outcomes{};
      // In this order: done tasks were admitted, so equal sums mean that nothing was left when the first was complete.
      const std::uint64_t done = sum_outcomes(outcomes);
      return done == admitted();
    };
    while (!wait_briefly(drained)) std::this_thread::sleep_for(std::chrono::microseconds(50));
    return first;
  }

  [[nodiscard]] const PoolOptions& options() const noexcept { return options_; }

 private:
  using Number = std::atomic<std::uint64_t>;
  using Outcomes = std::array<std::uint64_t, kTaskOutcomes>;
  // Of one worker.
  struct alignas(128) Share {
    std::array<Number, kTaskOutcomes> outcomes{};
    Number admitted{0};
  };

  static std::size_t index() noexcept { return static_cast<std::size_t>(pool_context().index); }

  void count_admitted(std::int64_t by) noexcept {
    // seq_cst: see (2).
    if (here_ != this) return from_outside_.add(by, std::memory_order_seq_cst);
    Number& number = shares_[index()].admitted;
    // relaxed: only this worker writes; ordered by (1).
    number.store(number.load(std::memory_order_relaxed) + static_cast<std::uint64_t>(by),
                 std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t admitted() const noexcept {
    // seq_cst: see (2).
    auto sum = static_cast<std::uint64_t>(from_outside_.sum(std::memory_order_seq_cst));
    // relaxed: ordered by (1).
    for (const Share& share : shares_) sum += share.admitted.load(std::memory_order_relaxed);
    return sum;
  }
  std::uint64_t sum_outcomes(Outcomes& outcomes) const noexcept {
    std::uint64_t sum = 0;
    for (const Share& share : shares_) {
      for (std::size_t i = 0; i < kTaskOutcomes; ++i) {
        // acquire: pairs with (1).
        const std::uint64_t count = share.outcomes[i].load(std::memory_order_acquire);
        outcomes[i] += count;
        sum += count;
      }
    }
    return sum;
  }
  void report(const std::exception_ptr& error) const noexcept {
    try {
      if (options_.on_error) options_.on_error(error);
    } catch (...) {  // NOLINT(bugprone-empty-catch): nobody is left to tell
    }
  }

  static inline thread_local constinit const PeerPool* here_ = nullptr;

  const PoolOptions options_;
  std::vector<Share> shares_;
  StripedCounter from_outside_;
  StripedCounter rejected_;
  std::atomic<bool> closed_{false};
};

}  // namespace crosstalk::pool
