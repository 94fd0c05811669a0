#include "harness/verify/specimens/faulty_pool.h"

#include <stdexcept>
#include <system_error>
#include <utility>

#include "pool/executor/task_errors.h"

namespace crosstalk::harness::verify {

namespace {

using pool::Admission;
using pool::QueuePolicy;

thread_local const FaultyPool* works_for = nullptr;

}  // namespace

FaultyPool::FaultyPool(const pool::PoolOptions& options, FaultPoolBug bug) : options_(options), bug_(bug) {
  Lock lock(mutex_);
  for (unsigned i = 0; i < options_.min_threads; ++i) start_thread(lock);
  if (!threads_.empty()) return;
  throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
}

FaultyPool::~FaultyPool() {
  shutdown();
}

void FaultyPool::start_thread(Lock&) {
  ++total_;
  try {
    const auto body = [this] { work(); };
    threads_.push_back(options_.start_thread ? options_.start_thread(body) : std::thread(body));
  } catch (const std::system_error&) {
    ++books_.creation_failures;
    if (bug_ != FaultPoolBug::m46_ghost_thread) --total_;
  }
}

Admission FaultyPool::post(pool::Task task, pool::Priority) {
  return admit({.task = std::move(task)});
}

void FaultyPool::submit(Watched watched) {
  Entry entry;
  if (watched.timeout.count() != 0) entry.deadline = std::chrono::steady_clock::now() + watched.timeout;
  entry.watched = std::move(watched);
  admit(std::move(entry));
}

// False: there is no room, and `instead` is what becomes of the task.
bool FaultyPool::make_room(Lock& lock, Entry& entry, Admission& instead) {
  const auto room = [this] { return stop_ || queue_.size() < options_.capacity; };
  if (works_for == this && bug_ != FaultPoolBug::m45_own_queue) return true;
  instead = Admission::rejected;
  switch (options_.policy) {
    case QueuePolicy::block:
      changed_.wait(lock, room);
      return !stop_;
    case QueuePolicy::block_timeout:
      return changed_.wait_for(lock, options_.block_timeout, room) && !stop_;
    case QueuePolicy::drop_oldest:
      if (room()) return true;
      queue_.pop_front();
      if (bug_ != FaultPoolBug::m47_dropped) ++books_.dropped;
      return true;
    case QueuePolicy::caller_runs:
      if (room()) return true;
      run_one(lock, std::move(entry));
      instead = Admission::caller_ran;
      return false;
    default:
      return room();
  }
}

Admission FaultyPool::admit(Entry entry) {
  Lock lock(mutex_);
  ++books_.submitted;
  Admission instead = Admission::rejected;
  if (stop_ || !make_room(lock, entry, instead)) {
    if (instead == Admission::rejected) ++books_.rejected;
    return instead;
  }
  queue_.push_back(std::move(entry));
  if (active_ + queue_.size() > total_ && total_ < options_.max_threads) start_thread(lock);
  changed_.notify_all();
  return Admission::accepted;
}

void FaultyPool::work() {
  works_for = this;
  Lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stop_ || !queue_.empty(); });
    if (queue_.empty()) break;
    Entry entry = std::move(queue_.front());
    queue_.pop_front();
    changed_.notify_all();
    ++active_;
    run_one(lock, std::move(entry));
    --active_;
  }
  --total_;
}

// With the lock held, but while the task and its callbacks run.
void FaultyPool::run_one(Lock& lock, Entry entry) {
  if (entry.watched) return run_watched(lock, entry);
  std::exception_ptr error;
  lock.unlock();
  try {
    entry.task();
  } catch (...) {
    error = std::current_exception();
  }
  entry.task.reset();
  lock.lock();
  ++(error ? books_.failed : books_.completed);
  if (error && options_.on_error) call_back(lock, [&] { options_.on_error(error); });
}

void FaultyPool::run_watched(Lock& lock, Entry& entry) {
  Watched& watched = *entry.watched;
  const auto late = [&entry] { return std::chrono::steady_clock::now() >= entry.deadline; };
  std::exception_ptr error;
  const bool too_late = late();
  lock.unlock();
  try {
    if (!too_late) watched.task();
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  const bool timed_out = too_late || late();
  if (timed_out) error = std::make_exception_ptr(pool::TimeoutError("task: timed out"));
  ++(timed_out ? books_.timed_out : error ? books_.failed : books_.completed);
  if (error && watched.on_error) call_back(lock, [&] { watched.on_error(error); });
  const bool tells = !error || (bug_ == FaultPoolBug::m48_late_result && timed_out && !too_late);
  if (tells && watched.on_success) call_back(lock, watched.on_success);
}

void FaultyPool::call_back(Lock& lock, const std::function<void()>& callback) {
  lock.unlock();
  bool threw = false;
  try {
    callback();
  } catch (...) {
    threw = true;
  }
  lock.lock();
  if (!threw) return;
  ++books_.callback_errors;
  if (bug_ == FaultPoolBug::m43_callback_twice) ++books_.failed;
}

void FaultyPool::must_not_be_a_worker() const {
  if (works_for == this) throw std::logic_error("FaultyPool: a task ends its own pool");
}

void FaultyPool::shutdown() {
  must_not_be_a_worker();
  Lock lock(mutex_);
  stop_ = true;
  changed_.notify_all();
  if (joining_) {
    if (bug_ != FaultPoolBug::m44_second_shutdown) changed_.wait(lock, [this] { return ended_; });
    return;
  }
  joining_ = true;
  std::vector<std::thread> threads = std::exchange(threads_, {});
  lock.unlock();
  for (std::thread& thread : threads) thread.join();
  lock.lock();
  ended_ = true;
  changed_.notify_all();
}

std::size_t FaultyPool::shutdown_now() {
  must_not_be_a_worker();
  const Lock lock(mutex_);
  stop_ = true;
  changed_.notify_all();
  books_.unrun += queue_.size();
  return std::exchange(queue_, {}).size();
}

pool::PoolStats FaultyPool::stats() const {
  const Lock lock(mutex_);
  pool::PoolStats stats = books_;
  stats.active = active_;
  stats.total = total_;
  stats.idle = total_ - active_;
  return stats;
}

}  // namespace crosstalk::harness::verify
