// A pool of worker threads over a bounded queue of four priorities.
//
// Order: an urgent task before a high, a high before a normal, a normal before a low one; but a lane that was passed over
// PriorityLanes::kPatience times is served next. Tasks that one thread submits at one priority start in the order of their
// submission (under QueuePolicy::caller_runs those that the caller runs do not queue up).
//
// Threads: never more than max_threads; fewer than min_threads only while starting and ending, and after a failure to start
// one, which is counted. The pool grows when a task comes and no worker is free, after a failure no sooner than in 10 ms.
//
// The queue has two sides. Submitters push at the inlet; a worker pops at the outlet and fetches everything from the inlet
// when the lane whose turn it is has nothing at the outlet. So submitters and workers seldom touch the same lines, and every
// decision is still exact: depth = pushed - popped, and who holds both locks (outlet before inlet) sees all of the pool.
//
// Waking: at most one worker at a time is the searcher: it looks for work, or has been woken for it. A submitter wakes
// somebody only if there is none. A searcher that finds more than one task first makes the next worker a searcher.
// Invariant: while a task is queued and the pool is not paused, there is a searcher, or no worker is free and the pool may
// not grow.
//
// Progress: post() blocks for some ten instructions of others, under the block policies until there is room, never on a
// worker or within another task of this pool. Idle workers and blocked callers sleep on futexes. Ownership: a task is
// destroyed on the thread that ran it, right after it ran. Errors: whatever a task throws is caught and counted. The pool
// must outlive all calls but those of its futures; it must not be destroyed by one of its own tasks.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "pool/cache_line.h"
#include "pool/executor/brief_lock.h"
#include "pool/executor/executor.h"
#include "pool/executor/future.h"
#include "pool/executor/job.h"
#include "pool/executor/pool_options.h"
#include "pool/executor/pool_stats.h"
#include "pool/executor/pool_worker.h"
#include "pool/executor/priority_lanes.h"
#include "pool/sync/event_count.h"

namespace crosstalk::pool {

// How a shutdown went.
struct ShutdownReport {
  bool ended = false;  // every thread has ended; if not, tasks still run, and `running` is how many
  unsigned running = 0;
  std::vector<Task>
      unrun;  // tasks that were queued and not run, in order of priority: to be run by hand, or destroyed
};

class ThreadPool final : public WorkerPool {
 public:
  using Options = PoolOptions;
  static constexpr std::chrono::nanoseconds kForever = std::chrono::nanoseconds::max();

  // Starts min_threads workers. Throws std::invalid_argument for options out of bounds, std::system_error if not even one
  // thread can be started; with some, the pool works with those.
  explicit ThreadPool(Options options);
  // Runs everything that is queued, as shutdown().
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Fire and forget. Throws std::bad_alloc, and has taken nothing then. From a task of this pool: never blocks, admitted
  // above the capacity if need be, which is counted.
  Admission post(Task task, Priority priority = Priority::normal) override;
  // The same with a deadline, cancellation or an error callback.
  template <class F>
  Admission post(F&& f, TaskOptions options) {
    return submit_job(make_job(std::forward<F>(f), std::move(options), NoCallback{}));
  }

  // The result, or what came instead, is in the future. A callable that takes a std::stop_token gets that of the options.
  template <class F>
  auto submit(F&& f, Priority priority = Priority::normal) {
    return submit(std::forward<F>(f), TaskOptions{.priority = priority});
  }
  // on_success is called on the worker with the result (with nothing, if there is none), before the future is ready.
  template <class F, class OnSuccess = NoCallback>
  auto submit(F&& f, TaskOptions options, OnSuccess on_success = {}) {
    auto job = make_job(std::forward<F>(f), std::move(options), std::move(on_success));
    Future<detail::JobResultOf<F>> future(*job.job);
    submit_job(std::move(job));
    return future;
  }

  // Workers take no further task until resume(); those that run go on. Submitting goes on as long as there is room.
  void pause();
  void resume();

  // Waits until no task is queued or running; false if the time passed first. Throws std::logic_error in a task of this pool.
  bool wait_idle(std::chrono::nanoseconds time = kForever);

  // New bounds of the number of threads. Threads are started at once; those too many end after their present task.
  void resize(unsigned min_threads, unsigned max_threads);

  // Takes nothing more from outside, runs what is queued in order of priority, and ends the threads. What it could not run
  // in that time it hands back, and tasks that run it leaves running. Idempotent; each of several callers returns after the
  // end or its own time. shutdown() takes its time. Throws std::logic_error in a task of this pool, which would wait for itself.
  ShutdownReport shutdown_gracefully(std::chrono::nanoseconds time = std::chrono::seconds(30));
  void shutdown() override { shutdown_gracefully(kForever); }
  // Takes nothing more and starts nothing more; hands back what was queued. Does not wait for the tasks that run: the
  // destructor and shutdown_gracefully() do. Idempotent. Throws std::logic_error in a task of this pool.
  std::vector<Task> shutdown_now();

  [[nodiscard]] PoolStats stats() const override;
  [[nodiscard]] const Options& options() const noexcept { return options_; }

  // The index of the worker this runs on, below its pool's max_threads, or -1 elsewhere (whichever pool it belongs to).
  [[nodiscard]] static int current_worker() noexcept;

 private:
  friend class FutureState;
  enum class Phase : std::uint8_t { running, draining, stopping };
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  static constexpr std::chrono::milliseconds kGrowAgainAfter{10};

  // Whom to wake, or that a thread is to be started; done without locks.
  struct Help {
    PoolWorker* woken = nullptr;
    bool thread = false;
  };
  template <class J>
  struct JobOwner {
    Priority priority;
    J* job;
  };
  template <class F, class OnSuccess>
  auto make_job(F&& f, TaskOptions options, OnSuccess on_success) {
    using J = detail::Job<std::remove_cvref_t<F>, OnSuccess>;
    const Priority priority = options.priority;
    return JobOwner<J>{priority, new J(id_, std::forward<F>(f), std::move(options), std::move(on_success))};
  }
  template <class J>
  Admission submit_job(JobOwner<J> owner) {
    return post(Task(detail::JobTask<J>(owner.job)), owner.priority);
  }

  // thread_pool.cpp: submitting. "locked": with the inlet lock held.
  [[nodiscard]] bool room_locked() noexcept;
  void push_locked(TaskNode* node, Priority priority) noexcept;
  [[nodiscard]] Help help_locked() noexcept;
  void give(Help help);
  void admit(TaskNode* node, Priority priority);
  Admission post_slow(TaskNode* node, Priority priority);
  Admission refuse(TaskNode* node) noexcept;
  Admission run_here(TaskNode* node);
  bool drop_one_for(TaskNode* node, Priority priority);
  bool wait_for_room(Deadline deadline, bool& eager);
  void arm_room_signal() noexcept;
  void pass_room_on() noexcept;

  // pool_worker.cpp: the workers.
  void work(PoolWorker& self) noexcept;
  void greet(PoolWorker& self) noexcept;
  void run(PoolWorker& self, TaskNode& node) noexcept;
  void report(std::exception_ptr error) noexcept;
  TaskNode* take(PoolWorker& self);
  TaskNode* pop(PoolWorker& self);
  Help fetch(PoolWorker& self) noexcept;
  bool rest(PoolWorker& self);
  bool park(PoolWorker& self, Deadline deadline);
  void search() const noexcept;
  void stop_looking_locked(PoolWorker& self) noexcept;
  void end_locked(PoolWorker& self) noexcept;
  TaskNode* give_back_locked(PoolWorker& self) noexcept;
  void wake_sleepers_locked() noexcept;
  void leave_idle_locked() noexcept;

  // pool_threads.cpp: their number, and the end.
  bool start_worker(bool searching);
  void start_monitor();
  void watch();
  PoolWorker& claim_place();
  std::vector<Task> take_back_locked();
  void begin_shutdown(Phase phase);
  void join_ended();
  void check_outside(const char* what) const;

  // pool_waits.cpp: tasks that wait for tasks.
  void begin_wait(FutureState& state, PoolWorker& worker, bool endless);
  void end_wait(PoolWorker& worker) noexcept;
  [[nodiscard]] bool wait_is_broken(const PoolWorker& worker) const noexcept;
  [[nodiscard]] bool circular(const FutureState& state, const PoolWorker& self) const noexcept;
  [[nodiscard]] bool stuck_locked() const noexcept;
  void break_deadlock_locked() noexcept;

  [[nodiscard]] std::size_t depth_locked() const noexcept;  // both locks

  struct alignas(kCacheLine) Inlet {
    std::atomic<std::uint32_t> filled{0};  // bit i: lane i has something; its own line: every pop reads it
    alignas(kCacheLine) mutable BriefLock lock;  // guards all of this
    std::uint64_t pushed = 0;
    std::uint64_t popped_seen = 0;  // the outlet's `popped`, of some time ago
    Phase phase = Phase::running;
    bool paused = false;
    unsigned searchers = 0;  // 0 or 1
    unsigned starting = 0;   // threads that have not looked for work yet, though they are no searchers
    PoolWorker* sleepers = nullptr;
    unsigned total = 0;  // threads, those being started among them
    unsigned max = 0;
    TaskNode* free = nullptr;
    std::size_t free_count = 0;
    Lanes<TaskNode> lanes;
    std::array<std::uint64_t, kPriorities> pushed_per_lane{};

    unsigned min = 0, peak = 0, in_hook = 0;  // in_hook: threads inside on_worker_start
    unsigned creating = 0;  // of `total`: those that may yet turn out not to be had; no part of the peak
    bool growth_failed = false;
    Deadline grow_again{};                         // while growth_failed
    unsigned room_waiters = 0, eager_waiters = 0;  // eager: who wait for the first place that comes free
    std::uint64_t rejected = 0, above_capacity = 0, caller_runs = 0, creation_failures = 0;
  } inlet_;

  struct alignas(kCacheLine) Outlet {
    mutable BriefLock lock;                // guards all of this
    std::atomic<std::uint64_t> popped{0};  // also read without the lock
    std::uint64_t room_at = kNever;        // when `popped` gets there, who waits for room is told
    unsigned busy = 0;                     // workers that do not rest, and callers that run a task
    bool paused = false;
    bool surplus = false;  // there are more threads than there may be
    PriorityLanes<TaskNode> lanes;
    std::array<std::uint64_t, kPriorities> popped_per_lane{};
    unsigned callers = 0;           // of the busy ones
    PoolWorker* waiting = nullptr;  // workers whose tasks wait for tasks of this pool
    unsigned waiting_count = 0;
    std::uint64_t dropped = 0, unrun = 0;
    TaskCounters caller_counters;  // of the tasks that callers ran
  } outlet_;

  const Options options_;
  const std::uint64_t id_;
  EventCount room_events_;
  EventCount idle_events_;           // somebody waits until nothing is queued or running
  EventCount ended_events_;          // a thread has ended
  mutable std::mutex threads_lock_;  // guards workers_ and their threads; taken before inlet and outlet
  std::vector<std::unique_ptr<PoolWorker>> workers_;
  std::mutex monitor_lock_;  // guards monitor_
  std::thread monitor_;
  EventCount monitor_events_;
  std::atomic<bool> monitor_ends_{false};
};

}  // namespace crosstalk::pool
