// Tasks that wait for tasks of the same pool, and what the pool does about it.
#include <algorithm>
#include <mutex>
#include <utility>

#include "pool/executor/future.h"
#include "pool/executor/pool_context.h"
#include "pool/executor/task_errors.h"
#include "pool/executor/thread_pool.h"

namespace crosstalk::pool {

namespace {

[[noreturn]] void report_deadlock() {
  throw DeadlockError(
      "future: every worker of the pool waits for a task of the same pool, or a task for itself");
}

}  // namespace

bool FutureState::wait_until(Deadline limit) {
  if (ready()) return true;
  const Deadline until = std::min(limit, deadline_);
  const PoolFrame* const frame = pool_context().frame_of(pool_);
  PoolWorker* const worker = frame == nullptr ? nullptr : frame->worker;
  if (worker == nullptr) {
    ready_events_.await([this] { return ready(); }, until);
  } else {
    ThreadPool& pool = *frame->pool;
    const bool endless = until == kNoDeadline;
    pool.begin_wait(*this, *worker, endless);
    bool broken = false;
    ready_events_.await([&] { return ready() || (endless && (broken = pool.wait_is_broken(*worker))); },
                        until);
    if (endless) pool.end_wait(*worker);
    if (broken && !ready()) report_deadlock();
  }
  if (ready()) return true;
  if (std::chrono::steady_clock::now() < deadline_) return false;
  return expire(limit);
}

// The deadline of the task has passed: that is the result, unless it is being set right now, while callbacks run. False if
// `limit` passed before it was.
bool FutureState::expire(Deadline limit) {
  std::exception_ptr error = error_of<TimeoutError>("task: timed out");
  if (!claim()) return ready_events_.await([this] { return ready(); }, limit);
  error_ = std::move(error);
  settle();
  return true;
}

// A worker's task is about to wait. Somebody else is called for what it waits for; a wait without a limit is registered, so
// that it can be ended should nobody be left.
void ThreadPool::begin_wait(FutureState& state, PoolWorker& worker, bool endless) {
  Help help;
  {
    const std::scoped_lock guard(outlet_.lock, inlet_.lock);
    if (endless) {
      if (circular(state, worker)) report_deadlock();
      worker.deadlocked = false;
      worker.awaited = &state;
      worker.next_waiting = std::exchange(outlet_.waiting, &worker);
      ++outlet_.waiting_count;
    }
    if (depth_locked() > 0) help = help_locked();
    if (endless && stuck_locked()) worker.deadlocked = true;
  }
  give(help);  // if it was to be a thread and that fails, the deadlock is looked for again there
}

void ThreadPool::end_wait(PoolWorker& worker) noexcept {
  const std::scoped_lock guard(outlet_.lock);
  PoolWorker** place = &outlet_.waiting;
  while (*place != &worker) place = &(*place)->next_waiting;
  *place = worker.next_waiting;
  --outlet_.waiting_count;
  worker.awaited = nullptr;
}

bool ThreadPool::wait_is_broken(const PoolWorker& worker) const noexcept {
  const std::scoped_lock guard(outlet_.lock);
  return worker.deadlocked;
}

// With the outlet lock held: whether what `self` is to wait for runs on it, or on one that waits for such, and so on.
bool ThreadPool::circular(const FutureState& state, const PoolWorker& self) const noexcept {
  const FutureState* awaited = &state;
  for (unsigned step = 0; step <= outlet_.waiting_count; ++step) {
    // relaxed: set by the runner before it took the lock to wait; if it does not wait, it does not matter.
    const PoolWorker* runner = awaited->runner_.load(std::memory_order_relaxed);
    if (runner == nullptr || awaited->ready()) return false;
    if (runner == &self) return true;
    awaited = runner->awaited;
    if (awaited == nullptr) return false;
  }
  return false;
}

// With both locks held: whether all workers wait without a limit, nobody can be added to run what is queued, and none of what
// they wait for is done.
bool ThreadPool::stuck_locked() const noexcept {
  if (inlet_.total == 0 || outlet_.waiting_count < inlet_.total || outlet_.callers != 0) return false;
  if (depth_locked() != 0 && inlet_.total < inlet_.max && !inlet_.growth_failed) return false;
  for (const PoolWorker* worker = outlet_.waiting; worker != nullptr; worker = worker->next_waiting) {
    if (worker->deadlocked || worker->awaited->ready()) return false;
  }
  return true;
}

// With both locks held: if all are stuck, one of them is told. Its task then fails, or finds another way.
void ThreadPool::break_deadlock_locked() noexcept {
  if (!stuck_locked()) return;
  outlet_.waiting->deadlocked = true;
  outlet_.waiting->awaited->ready_events_.notify_all();
}

}  // namespace crosstalk::pool
