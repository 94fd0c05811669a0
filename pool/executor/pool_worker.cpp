// The thread pool's outlet: what a worker does.
#include "pool/executor/pool_worker.h"

#include <algorithm>
#include <mutex>
#include <string>

#include <pthread.h>
#include <sched.h>

#include "pool/executor/thread_pool.h"
#include "pool/executor/tick_clock.h"

namespace crosstalk::pool {

namespace {

constexpr std::size_t kKeptNodes = 4096;  // that the pool keeps for further tasks

void delete_nodes(TaskNode* node) noexcept {
  while (node != nullptr) delete std::exchange(node, node->next);
}

}  // namespace

void ThreadPool::work(PoolWorker& self) noexcept {
  PoolContext& context = pool_context();
  context.pool = this;
  context.pool_id = id_;
  context.worker = &self;
  context.book = {&self.counters, id_};
  context.index = static_cast<int>(self.index);
  const std::string name = (options_.name + "-" + std::to_string(self.index)).substr(0, 15);
  pthread_setname_np(pthread_self(), name.c_str());
  if (options_.on_worker_start) greet(self);
  while (TaskNode* node = take(self)) run(self, *node);
  context.pool = nullptr;
  context.pool_id = 0;
  context.worker = nullptr;
  context.book = {};
  ended_events_.notify_all();
}

// Calls on_worker_start, unless the pool is stopping: it counts on threads outside of it to end by themselves.
void ThreadPool::greet(PoolWorker& self) noexcept {
  {
    const std::scoped_lock guard(inlet_.lock);
    if (inlet_.phase == Phase::stopping) return;
    ++inlet_.in_hook;
  }
  try {
    options_.on_worker_start(self.index);
  } catch (...) {
    self.counters.count_callback_error();
  }
  const std::scoped_lock guard(inlet_.lock);
  --inlet_.in_hook;
}

void ThreadPool::run(PoolWorker& self, TaskNode& node) noexcept {
  const std::uint64_t begun = self.tick;
  TaskOutcome outcome = TaskOutcome::failed;
  try {
    outcome = node.task();
  } catch (...) {
    report(std::current_exception());
  }
  node.task.reset();  // what it owns ends here, before it counts as done
  self.tick = TickClock::instance().now();
  self.counters.count(outcome, begun - std::min(begun, node.submitted), self.tick - begun);
  node.next = self.freed;
  if (self.freed == nullptr) self.freed_last = &node;
  self.freed = &node;
  ++self.freed_count;
}

void ThreadPool::report(std::exception_ptr error) noexcept {
  try {
    if (options_.on_error) options_.on_error(std::move(error));
  } catch (...) {
    note_callback_error(id_);
  }
}

// The next task; null: this thread is to end.
TaskNode* ThreadPool::take(PoolWorker& self) {
  for (;;) {
    outlet_.lock.lock();
    if (outlet_.surplus) [[unlikely]] {
      const bool was_busy = !self.resting;
      std::unique_lock guard(inlet_.lock);
      if (inlet_.total > inlet_.max) {
        end_locked(self);
        guard.unlock();
        outlet_.lock.unlock();
        if (was_busy) idle_events_.notify_all();  // it may have been the last busy one
        return nullptr;
      }
    }
    if (TaskNode* node = pop(self)) return node;
    if (!rest(self)) return nullptr;
  }
}

// The next task, if there is one: then the outlet lock, which is held, is released.
TaskNode* ThreadPool::pop(PoolWorker& self) {
  // relaxed: set bits are cleared under the outlet's lock only; the lanes themselves are read under the inlet's.
  const std::uint32_t filled = outlet_.lanes.filled() | inlet_.filled.load(std::memory_order_relaxed);
  if (filled == 0 || outlet_.paused) return nullptr;
  Help help;
  const std::size_t lane = outlet_.lanes.choose(filled);
  if (self.searching || self.starting || (outlet_.lanes.filled() & lane_bit(lane)) == 0) help = fetch(self);
  TaskNode* node = outlet_.lanes.pop(lane);
  if (const TaskNode* next = outlet_.lanes.front(lane)) __builtin_prefetch(next);
  ++outlet_.popped_per_lane[lane];
  // relaxed (both): changes under the lock only; submitters may see an old value, see room_locked().
  const std::uint64_t popped = outlet_.popped.load(std::memory_order_relaxed) + 1;
  outlet_.popped.store(popped, std::memory_order_relaxed);
  const bool room = popped >= outlet_.room_at;
  if (room) outlet_.room_at = kNever;
  const bool rested = self.resting;
  if (rested) {
    self.resting = false;
    self.searched = false;
    ++outlet_.busy;
  }
  outlet_.lock.unlock();
  if (room) room_events_.notify_one();
  give(help);
  if (rested) self.tick = TickClock::instance().now();
  return node;
}

// With the outlet lock held: takes over what is at the inlet, and gives back nodes. A searcher has found something and is
// one no more; if it is not the only thing, the next one is called.
ThreadPool::Help ThreadPool::fetch(PoolWorker& self) noexcept {
  TaskNode* too_many = nullptr;
  Help help;
  {
    const std::scoped_lock guard(inlet_.lock);
    outlet_.lanes.append(inlet_.lanes);
    // relaxed: both locks are held.
    inlet_.filled.store(0, std::memory_order_relaxed);
    too_many = give_back_locked(self);
    if (self.searching || self.starting) {
      stop_looking_locked(self);
      if (depth_locked() > 1) help = help_locked();
    }
  }
  delete_nodes(too_many);
  return help;
}

// With the inlet lock held.
void ThreadPool::stop_looking_locked(PoolWorker& self) noexcept {
  if (std::exchange(self.searching, false)) inlet_.searchers = 0;
  if (std::exchange(self.starting, false)) --inlet_.starting;
}

// What it gives back to who calls: nodes that the pool has enough of.
TaskNode* ThreadPool::give_back_locked(PoolWorker& self) noexcept {
  if (self.freed == nullptr) return nullptr;
  TaskNode* const first = std::exchange(self.freed, nullptr);
  const std::size_t count = std::exchange(self.freed_count, 0);
  if (inlet_.free_count >= kKeptNodes) return first;
  self.freed_last->next = inlet_.free;
  inlet_.free = first;
  inlet_.free_count += count;
  return nullptr;
}

// With the outlet lock held, which it releases: there is nothing to do. False: this thread is to end.
bool ThreadPool::rest(PoolWorker& self) {
  inlet_.lock.lock();
  // relaxed: the inlet's lock is held.
  if (!outlet_.paused && inlet_.filled.load(std::memory_order_relaxed) != 0) {  // has come just now
    inlet_.lock.unlock();
    outlet_.lock.unlock();
    return true;
  }
  TaskNode* const too_many = give_back_locked(self);
  const bool was_busy = !self.resting;
  if (was_busy) {
    self.resting = true;
    --outlet_.busy;
    leave_idle_locked();
  }
  const bool empty = depth_locked() == 0;
  bool ending =
      inlet_.phase == Phase::stopping || (inlet_.phase == Phase::draining && empty && outlet_.busy == 0);
  ending = ending || (inlet_.total > inlet_.min && options_.keep_alive.count() <= 0 && empty);
  Deadline deadline = kNoDeadline;
  if (self.starting) {
    self.starting = false;
    --inlet_.starting;
  }
  const bool may_search = (self.searching || inlet_.searchers == 0) && !self.searched && !inlet_.paused;
  if (ending) {
    end_locked(self);
  } else if (may_search) {
    self.searching = true;
    inlet_.searchers = 1;
  } else {
    stop_looking_locked(self);
    // relaxed: the lock orders it before whoever takes this worker off the stack.
    self.word.store(0, std::memory_order_relaxed);
    self.below = std::exchange(inlet_.sleepers, &self);
    if (inlet_.total > inlet_.min) deadline = deadline_in(options_.keep_alive);
  }
  inlet_.lock.unlock();
  outlet_.lock.unlock();
  delete_nodes(too_many);
  if (was_busy) idle_events_.notify_all();
  if (ending) return false;
  if (!may_search) return park(self, deadline);
  self.searched = true;
  search();
  return true;
}

// Looks for work for some microseconds: it mostly comes as soon as a thread has gone to sleep.
void ThreadPool::search() const noexcept {
  constexpr unsigned kSpins = 24;
  constexpr unsigned kPauses = 16;
  constexpr unsigned kYields = 4;
  for (unsigned round = 0; round < kSpins + kYields; ++round) {
    // relaxed: a hint; pop() looks under the lock.
    if (inlet_.filled.load(std::memory_order_relaxed) != 0) return;
    if (round < kSpins) {
      for (unsigned pause = 0; pause < kPauses; ++pause) cpu_relax();
    } else {
      sched_yield();
    }
  }
}

// Sleeps until it is woken. False: it was not needed for as long as threads are kept, and ends.
bool ThreadPool::park(PoolWorker& self, Deadline deadline) {
  bool expired = false;
  // acquire: (2) - synchronizes with the release of who took this worker off the stack (1).
  while (!expired && self.word.load(std::memory_order_acquire) == 0) {
    expired = !futex_wait(reinterpret_cast<const std::uint32_t*>(&self.word), 0, deadline);
  }
  self.searched = false;
  if (!expired) return true;
  const std::scoped_lock guard(outlet_.lock, inlet_.lock);
  // relaxed: it is set under the lock that is held.
  if (self.word.load(std::memory_order_relaxed) != 0) return true;  // woken with the deadline
  PoolWorker** place = &inlet_.sleepers;
  while (*place != &self) place = &(*place)->below;
  *place = self.below;
  // relaxed: as above.
  self.word.store(1, std::memory_order_relaxed);
  if (inlet_.total <= inlet_.min) return true;
  end_locked(self);
  return false;
}

// With both locks held: this thread takes no more tasks.
void ThreadPool::end_locked(PoolWorker& self) noexcept {
  if (!std::exchange(self.resting, true)) {
    --outlet_.busy;
    leave_idle_locked();
  }
  --inlet_.total;
  outlet_.surplus = inlet_.total > inlet_.max;
  self.life = PoolWorker::Life::ended;
  stop_looking_locked(self);
  if (inlet_.phase != Phase::running && outlet_.busy == 0) wake_sleepers_locked();
  break_deadlock_locked();
}

// With both locks held, after somebody has become idle: the last one at the end of a drain tells the others.
void ThreadPool::leave_idle_locked() noexcept {
  if (inlet_.phase == Phase::draining && outlet_.busy == 0 && depth_locked() == 0) wake_sleepers_locked();
}

// With the inlet lock held: everybody who sleeps looks again.
void ThreadPool::wake_sleepers_locked() noexcept {
  while (PoolWorker* worker = inlet_.sleepers) {
    inlet_.sleepers = worker->below;
    // release: synchronizes with the acquire in park() (2).
    worker->word.store(1, std::memory_order_release);
    futex_wake(reinterpret_cast<const std::uint32_t*>(&worker->word), 1);
  }
}

}  // namespace crosstalk::pool
