#include "pool/executor/thread_pool.h"

#include <pthread.h>

#include <stdexcept>
#include <system_error>

namespace crosstalk::pool {

namespace {

thread_local const void* worker_of = nullptr;
thread_local int worker_index = -1;

// relaxed: a statistic; whoever needs it exact reads it while the pool is idle, ordered by the pool's mutex.
void count(std::atomic<std::uint64_t>& counter) noexcept {
  counter.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

ThreadPool::ThreadPool(Options options) : options_(std::move(options)) {
  if (options_.workers == 0) throw std::invalid_argument("thread pool: workers must be at least 1, got 0");
  if (options_.capacity == 0) throw std::invalid_argument("thread pool: capacity must be at least 1, got 0");
  workers_.reserve(options_.workers);
  for (unsigned index = 0; index < options_.workers; ++index) {
    try {
      workers_.emplace_back([this, index] { run_worker(index); });
    } catch (const std::system_error&) {
      if (workers_.empty()) throw;
      break;
    }
  }
}

ThreadPool::~ThreadPool() {
  shutdown();
}

void ThreadPool::sleep_on(Signal& signal, std::unique_lock<std::mutex>& guard) {
  // relaxed: the mutex is held; a wake() after its release changes the number and ends the wait at once.
  const std::uint32_t seen = signal.epoch.load(std::memory_order_relaxed);
  ++signal.sleepers;
  guard.unlock();
  // relaxed: what woke us is looked up again under the mutex.
  signal.epoch.wait(seen, std::memory_order_relaxed);
  guard.lock();
  --signal.sleepers;
}

// Releases the mutex, then wakes, so that the woken thread does not run straight into it.
void ThreadPool::wake(Signal& signal, std::unique_lock<std::mutex>& guard, bool all) {
  const bool anybody = signal.sleepers > 0;
  // relaxed: see sleep_on().
  if (anybody) signal.epoch.fetch_add(1, std::memory_order_relaxed);
  guard.unlock();
  if (!anybody) return;
  if (all) {
    signal.epoch.notify_all();
  } else {
    signal.epoch.notify_one();
  }
}

bool ThreadPool::on_own_worker() const noexcept {
  return worker_of == this;
}

int ThreadPool::current_worker() noexcept {
  return worker_index;
}

Admission ThreadPool::run_here(Task& task) {
  run(task);
  return Admission::caller_ran;
}

Admission ThreadPool::post(Task task, Priority priority) {
  count(submitted_);
  std::unique_lock guard(mutex_);
  while (!stopping_ && lanes_.size() >= options_.capacity && !on_own_worker()) {
    if (options_.policy == QueuePolicy::caller_runs) {
      guard.unlock();
      return run_here(task);
    }
    if (options_.policy == QueuePolicy::reject) break;
    sleep_on(space_, guard);
  }
  const bool full = lanes_.size() >= options_.capacity;
  if ((stopping_ && !on_own_worker()) || (full && !on_own_worker())) {
    guard.unlock();
    count(rejected_);
    return Admission::rejected;
  }
  if (full) count(above_capacity_);
  lanes_.push(std::move(task), priority);
  wake(work_, guard, false);
  return Admission::accepted;
}

bool ThreadPool::next(Task& task) {
  std::unique_lock guard(mutex_);
  while (lanes_.empty()) {
    // A running task may still post from its worker, so the workers end only when none runs.
    if (stopping_ && active_ == 0) {
      wake(work_, guard, true);
      return false;
    }
    sleep_on(work_, guard);
  }
  task = lanes_.pop();
  ++active_;
  wake(space_, guard, false);
  return true;
}

void ThreadPool::run(Task& task) noexcept {
  try {
    task();
    count(completed_);
  } catch (...) {
    count(failed_);
  }
  try {
    task = Task();  // what it owns ends here, on this thread
  } catch (...) {
  }
}

void ThreadPool::run_worker(unsigned index) {
  worker_of = this;
  worker_index = static_cast<int>(index);
  const std::string name = (options_.name + "-" + std::to_string(index)).substr(0, 15);
  pthread_setname_np(pthread_self(), name.c_str());
  if (options_.on_worker_start) options_.on_worker_start(index);
  Task task;
  while (next(task)) {
    run(task);
    std::unique_lock guard(mutex_);
    --active_;
    if (active_ != 0 || !lanes_.empty()) continue;
    if (stopping_) {
      wake(work_, guard, true);
    } else {
      wake(idle_, guard, true);
    }
  }
}

void ThreadPool::wait_idle() {
  std::unique_lock guard(mutex_);
  while (!lanes_.empty() || active_ != 0) sleep_on(idle_, guard);
}

void ThreadPool::shutdown() {
  if (on_own_worker()) throw std::logic_error("thread pool: shutdown() on one of its own workers");
  {
    std::unique_lock guard(mutex_);
    stopping_ = true;
    // relaxed: see sleep_on(). All three kinds of sleepers must look again.
    for (Signal* signal : {&work_, &space_, &idle_}) {
      signal->epoch.fetch_add(1, std::memory_order_relaxed);
    }
  }
  for (Signal* signal : {&work_, &space_, &idle_}) signal->epoch.notify_all();
  const std::scoped_lock joining(join_mutex_);
  for (std::thread& worker : workers_) {
    if (worker.joinable()) worker.join();
  }
  std::unique_lock guard(mutex_);
  wake(idle_, guard, true);
}

PoolStats ThreadPool::stats() const {
  const std::scoped_lock guard(mutex_);
  PoolStats stats;
  // relaxed: statistics.
  stats.submitted = submitted_.load(std::memory_order_relaxed);
  stats.completed = completed_.load(std::memory_order_relaxed);
  stats.failed = failed_.load(std::memory_order_relaxed);
  stats.rejected = rejected_.load(std::memory_order_relaxed);
  stats.above_capacity = above_capacity_.load(std::memory_order_relaxed);
  for (unsigned i = 0; i < kPriorities; ++i) stats.depth[i] = lanes_.depth(static_cast<Priority>(i));
  stats.workers = static_cast<unsigned>(workers_.size());
  return stats;
}

}  // namespace crosstalk::pool
