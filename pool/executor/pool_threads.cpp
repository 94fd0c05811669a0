// The thread pool's threads: how many, pausing them, waiting for them, ending them.
#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>

#include <pthread.h>

#include "pool/executor/pool_context.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::pool {

namespace {

Deadline shutdown_deadline(std::chrono::nanoseconds time) {
  return time == ThreadPool::kForever ? kNoDeadline : deadline_in(time);
}

}  // namespace

// With threads_lock_ held: a record for one more thread; the lowest free place.
PoolWorker& ThreadPool::claim_place() {
  for (const auto& worker : workers_) {
    {
      const std::scoped_lock guard(inlet_.lock);
      if (worker->life == PoolWorker::Life::running) continue;
      worker->life = PoolWorker::Life::running;
    }
    if (worker->thread.joinable()) worker->thread.join();  // its predecessor, which is past its last lock
    return *worker;
  }
  workers_.push_back(std::make_unique<PoolWorker>(static_cast<unsigned>(workers_.size())));
  const std::scoped_lock guard(inlet_.lock);
  workers_.back()->life = PoolWorker::Life::running;
  return *workers_.back();
}

// Starts a thread that is already counted in `total`, as the searcher if need be. If it cannot be, it is counted no more.
bool ThreadPool::start_worker(bool searching) {
  const std::scoped_lock threads(threads_lock_);
  PoolWorker* worker = nullptr;
  try {
    worker = &claim_place();
    worker->searching = searching;
    worker->starting = !searching;
    const auto body = [this, worker] { work(*worker); };
    worker->thread = options_.start_thread ? options_.start_thread(body) : std::thread(body);
    const std::scoped_lock guard(inlet_.lock);
    inlet_.growth_failed = false;
    --inlet_.creating;
    inlet_.peak = std::max(inlet_.peak, inlet_.total - inlet_.creating);
    return true;
  } catch (...) {  // whatever keeps it from starting: the pool goes on with those it has
  }
  {
    const std::scoped_lock guard(outlet_.lock, inlet_.lock);
    if (worker != nullptr) {
      worker->searching = false;
      worker->starting = false;
      worker->life = PoolWorker::Life::none;
    }
    --inlet_.total;
    --inlet_.creating;
    outlet_.surplus = inlet_.total > inlet_.max;
    ++inlet_.creation_failures;
    inlet_.growth_failed = true;
    inlet_.grow_again = deadline_in(kGrowAgainAfter);
    if (searching) {
      inlet_.searchers = 0;
    } else {
      --inlet_.starting;
    }
    // Who slept meanwhile has to see to the queue, and who waits in vain has to hear of it.
    wake_sleepers_locked();
    break_deadlock_locked();
  }
  ended_events_.notify_all();
  return false;
}

void ThreadPool::check_outside(const char* what) const {
  if (pool_context().frame_of(this) == nullptr) return;
  throw std::logic_error(std::string("thread pool: ") + what +
                         " in a task of the same pool, which would wait for itself");
}

void ThreadPool::pause() {
  const std::scoped_lock guard(outlet_.lock, inlet_.lock);
  if (inlet_.phase != Phase::running) return;
  outlet_.paused = true;
  inlet_.paused = true;
}

void ThreadPool::resume() {
  Help help;
  {
    const std::scoped_lock guard(outlet_.lock, inlet_.lock);
    outlet_.paused = false;
    inlet_.paused = false;
    if (depth_locked() > 0) help = help_locked();
  }
  give(help);
}

bool ThreadPool::wait_idle(std::chrono::nanoseconds time) {
  check_outside("wait_idle()");
  return idle_events_.await(
      [this] {
        const std::scoped_lock guard(outlet_.lock, inlet_.lock);
        return outlet_.busy == 0 && depth_locked() == 0;
      },
      shutdown_deadline(time));
}

void ThreadPool::resize(unsigned min_threads, unsigned max_threads) {
  if (min_threads == 0) throw std::invalid_argument("thread pool: min_threads must be at least 1, got 0");
  if (max_threads < min_threads) {
    throw std::invalid_argument("thread pool: max_threads must be at least min_threads = " +
                                std::to_string(min_threads) + ", got " + std::to_string(max_threads));
  }
  unsigned missing = 0;
  Help help;
  {
    const std::scoped_lock guard(outlet_.lock, inlet_.lock);
    inlet_.min = min_threads;
    inlet_.max = max_threads;
    if (inlet_.phase != Phase::running) return;
    outlet_.surplus = inlet_.total > max_threads;
    if (inlet_.total < min_threads) missing = min_threads - inlet_.total;
    inlet_.total += missing;
    inlet_.starting += missing;
    inlet_.creating += missing;
    wake_sleepers_locked();  // some may have to end, or to wait no longer than keep_alive from now on
    if (depth_locked() > 0) help = help_locked();
  }
  for (; missing > 0; --missing) start_worker(false);
  give(help);
}

// With both locks held: everything that is queued, the urgent first.
std::vector<Task> ThreadPool::take_back_locked() {
  std::vector<Task> tasks;
  tasks.reserve(depth_locked());
  outlet_.lanes.append(inlet_.lanes);
  // relaxed (all): both locks are held.
  inlet_.filled.store(0, std::memory_order_relaxed);
  for (std::size_t lane = 0; lane < kPriorities; ++lane) {
    while (outlet_.lanes.front(lane) != nullptr) {
      TaskNode* node = outlet_.lanes.pop(lane);
      tasks.push_back(std::move(node->task));
      node->next = std::exchange(inlet_.free, node);
      ++inlet_.free_count;
      ++outlet_.popped_per_lane[lane];
      outlet_.popped.store(outlet_.popped.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
  }
  outlet_.unrun += tasks.size();
  return tasks;
}

// Refuses what comes from now on; everybody who sleeps in the pool looks again.
void ThreadPool::begin_shutdown(Phase phase) {
  {
    const std::scoped_lock guard(outlet_.lock, inlet_.lock);
    if (inlet_.phase < phase) inlet_.phase = phase;
    outlet_.paused = false;
    inlet_.paused = false;
    wake_sleepers_locked();
    break_deadlock_locked();
  }
  room_events_.notify_all();
}

ShutdownReport ThreadPool::shutdown_gracefully(std::chrono::nanoseconds time) {
  check_outside("shutdown_gracefully()");
  const Deadline deadline = shutdown_deadline(time);
  begin_shutdown(Phase::draining);
  const auto all_ended = [this] {
    const std::scoped_lock guard(inlet_.lock);
    return inlet_.total == 0;
  };
  ShutdownReport report;
  report.ended = ended_events_.await(all_ended, deadline);
  if (!report.ended) {
    bool foreign = false;  // whether a thread is in code of the user's, who alone knows for how long
    {
      const std::scoped_lock guard(outlet_.lock, inlet_.lock);
      inlet_.phase = Phase::stopping;
      report.unrun = take_back_locked();
      report.running = outlet_.busy;
      foreign = report.running != 0 || inlet_.in_hook != 0 || inlet_.creating != 0;
    }
    begin_shutdown(Phase::stopping);
    report.ended = foreign ? all_ended() : ended_events_.await(all_ended);
  }
  if (report.ended) join_ended();
  idle_events_.notify_all();
  return report;
}

std::vector<Task> ThreadPool::shutdown_now() {
  check_outside("shutdown_now()");
  std::vector<Task> tasks;
  {
    const std::scoped_lock guard(outlet_.lock, inlet_.lock);
    inlet_.phase = Phase::stopping;
    tasks = take_back_locked();
  }
  begin_shutdown(Phase::stopping);
  idle_events_.notify_all();
  return tasks;
}

// When every worker has ended.
void ThreadPool::join_ended() {
  {
    const std::scoped_lock threads(threads_lock_);
    for (const auto& worker : workers_) {
      if (worker->thread.joinable()) worker->thread.join();
    }
  }
  // Not under threads_lock_, which the monitor takes to look at the statistics.
  const std::scoped_lock guard(monitor_lock_);
  if (!monitor_.joinable()) return;
  // release: (1) - synchronizes with the acquire in watch() (2).
  monitor_ends_.store(true, std::memory_order_release);
  monitor_events_.notify_all();
  monitor_.join();
}

void ThreadPool::start_monitor() {
  const std::scoped_lock guard(monitor_lock_);
  monitor_ = std::thread([this] { watch(); });
}

void ThreadPool::watch() {
  pool_context().pool = this;  // a monitor can no more wait for the end of the pool than a task
  pthread_setname_np(pthread_self(), (options_.name + "-watch").substr(0, 15).c_str());
  // acquire: (2) - synchronizes with the release in join_ended() (1).
  const auto ends = [this] { return monitor_ends_.load(std::memory_order_acquire); };
  while (!monitor_events_.await(ends, deadline_in(options_.monitor_interval))) {
    try {
      options_.monitor(stats());
    } catch (...) {
      const std::scoped_lock guard(outlet_.lock);
      outlet_.caller_counters.count_callback_error();
    }
  }
}

}  // namespace crosstalk::pool
