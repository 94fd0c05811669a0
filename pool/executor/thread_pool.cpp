// The thread pool's inlet: construction, submitting, statistics.
#include "pool/executor/thread_pool.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <system_error>

#include <sched.h>

#include "pool/executor/pool_context.h"
#include "pool/executor/tick_clock.h"

namespace crosstalk::pool {

namespace {

std::uint64_t next_pool_id() noexcept {
  static std::atomic<std::uint64_t> last{0};
  // relaxed: only has to be different each time.
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

[[noreturn]] void refuse_option(const char* what, std::uint64_t value) {
  throw std::invalid_argument(std::string("thread pool: ") + what + ", got " + std::to_string(value));
}

PoolOptions checked(PoolOptions options) {
  if (options.min_threads == 0) refuse_option("min_threads must be at least 1", 0);
  if (options.max_threads < options.min_threads) {
    refuse_option(
        ("max_threads must be at least min_threads = " + std::to_string(options.min_threads)).c_str(),
        options.max_threads);
  }
  if (options.monitor && options.monitor_interval.count() <= 0) {
    refuse_option("monitor_interval must be above 0 ns", static_cast<std::uint64_t>(0));
  }
  if (options.capacity == 0) refuse_option("capacity must be at least 1", 0);
  return options;
}

// Destroys a task that will not run. What it owns may hand in further tasks, for which others are discarded: those are
// destroyed one after the other, not one inside the other.
void discard_task(Task task, Abandonment why, CallbackBook book) noexcept {
  PoolContext& context = pool_context();
  if (context.discarded != nullptr) {
    context.discarded->emplace_back(std::move(task), why);
    return;
  }
  std::vector<std::pair<Task, Abandonment>> later;
  context.discarded = &later;
  context.abandonment = why;
  // Those of other pools that come to be discarded meanwhile are not counted: their pools may be gone by their turn.
  const CallbackBook outer = std::exchange(context.book, book);
  task.reset();
  while (!later.empty()) {
    std::pair<Task, Abandonment> next = std::move(later.back());
    later.pop_back();
    context.abandonment = next.second;
    next.first.reset();
  }
  context.abandonment = Abandonment::unrun;
  context.discarded = nullptr;
  context.book = outer;
}

}  // namespace

ThreadPool::ThreadPool(Options options) : options_(checked(std::move(options))), id_(next_pool_id()) {
  static_cast<void>(TickClock::instance());
  inlet_.min = options_.min_threads;
  inlet_.max = options_.max_threads;
  for (unsigned started = 0; started < options_.min_threads; ++started) {
    {
      const std::scoped_lock guard(inlet_.lock);
      ++inlet_.total;
      ++inlet_.starting;
      ++inlet_.creating;
    }
    if (start_worker(false)) continue;
    if (started == 0) {
      throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                              "thread pool: not even one thread could be started");
    }
    break;
  }
  try {
    if (options_.monitor) start_monitor();
  } catch (...) {
    shutdown();
    throw;
  }
}

ThreadPool::~ThreadPool() {
  shutdown();
  const auto free_all = [](TaskNode* node) {
    while (node != nullptr) delete std::exchange(node, node->next);
  };
  free_all(inlet_.free);
  for (const auto& worker : workers_) free_all(worker->freed);
}

int ThreadPool::current_worker() noexcept {
  return pool_context().index;
}

std::size_t ThreadPool::depth_locked() const noexcept {
  // relaxed: the outlet's lock is held, under which it changes.
  return static_cast<std::size_t>(inlet_.pushed - outlet_.popped.load(std::memory_order_relaxed));
}

bool ThreadPool::room_locked() noexcept {
  if (inlet_.pushed - inlet_.popped_seen < options_.capacity) return true;
  // relaxed: only grows, so an old value errs on the side of a full queue; who then waits looks again under both locks.
  inlet_.popped_seen = outlet_.popped.load(std::memory_order_relaxed);
  return inlet_.pushed - inlet_.popped_seen < options_.capacity;
}

void ThreadPool::push_locked(TaskNode* node, Priority priority) noexcept {
  const auto lane = static_cast<std::size_t>(priority);
  inlet_.lanes[lane].push(node);
  ++inlet_.pushed;
  ++inlet_.pushed_per_lane[lane];
  // relaxed (both): changes under the lock only; workers who read it without take the lock before they act on it, and a
  // push that happened before their look is seen by coherence.
  const std::uint32_t filled = inlet_.filled.load(std::memory_order_relaxed);
  if ((filled & lane_bit(lane)) == 0) inlet_.filled.store(filled | lane_bit(lane), std::memory_order_relaxed);
}

// Who is to see to the queue, if nobody does already.
ThreadPool::Help ThreadPool::help_locked() noexcept {
  if (inlet_.searchers != 0 || inlet_.paused) return {};
  if (inlet_.sleepers != nullptr) {
    PoolWorker* worker = std::exchange(inlet_.sleepers, inlet_.sleepers->below);
    inlet_.searchers = 1;
    worker->searching = true;
    // release: (1) - synchronizes with the acquire in park() (2).
    worker->word.store(1, std::memory_order_release);
    return {.woken = worker};
  }
  if (inlet_.starting != 0 || inlet_.total >= inlet_.max || inlet_.phase == Phase::stopping) return {};
  if (inlet_.growth_failed && std::chrono::steady_clock::now() < inlet_.grow_again) return {};
  inlet_.searchers = 1;
  ++inlet_.total;
  ++inlet_.creating;
  return {.thread = true};
}

void ThreadPool::give(Help help) {
  if (help.woken != nullptr) {
    // The worker may be up and even have ended by now; its record lives as long as the pool.
    futex_wake(reinterpret_cast<const std::uint32_t*>(&help.woken->word), 1);
  } else if (help.thread) {
    start_worker(true);
  }
}

// With the inlet lock held, which it releases.
void ThreadPool::admit(TaskNode* node, Priority priority) {
  push_locked(node, priority);
  PoolContext& context = pool_context();
  if (context.spare == nullptr && inlet_.free != nullptr && context.spares == PoolContext::Spares::kept) {
    context.spare = std::exchange(inlet_.free, inlet_.free->next);
    --inlet_.free_count;
  }
  const Help help = help_locked();
  inlet_.lock.unlock();
  give(help);
}

Admission ThreadPool::post(Task task, Priority priority) {
  PoolContext& context = pool_context();
  TaskNode* node = context.spare != nullptr ? std::exchange(context.spare, nullptr) : make_node(context);
  node->task = std::move(task);
  node->submitted = TickClock::instance().now();
  inlet_.lock.lock();
  if (inlet_.phase == Phase::running && room_locked()) [[likely]] {
    admit(node, priority);
    return Admission::accepted;
  }
  inlet_.lock.unlock();
  return post_slow(node, priority);
}

Admission ThreadPool::post_slow(TaskNode* node, Priority priority) {
  const bool inside = pool_context().frame_of(this) != nullptr;
  Deadline deadline = kNoDeadline;
  if (options_.policy == QueuePolicy::block_timeout) deadline = deadline_in(options_.block_timeout);
  bool waited = false;
  bool eager = false;
  Admission result = Admission::accepted;
  for (unsigned attempt = 0;; ++attempt) {
    constexpr unsigned kYields = 8;
    inlet_.lock.lock();
    if (inlet_.phase == Phase::stopping || (inlet_.phase == Phase::draining && !inside)) {
      inlet_.lock.unlock();
      result = refuse(node);
      break;
    }
    const bool room = room_locked();
    if (room || inside) {
      if (!room) ++inlet_.above_capacity;
      admit(node, priority);
      break;
    }
    // Nobody is let in who would make the pool grow, so it is tried again here.
    const Help help = inlet_.growth_failed ? help_locked() : Help{};
    inlet_.lock.unlock();
    give(help);
    if (options_.policy == QueuePolicy::reject) return refuse(node);
    if (options_.policy == QueuePolicy::caller_runs) return run_here(node);
    if (options_.policy == QueuePolicy::drop_oldest) {
      if (drop_one_for(node, priority)) break;
    } else if (attempt < kYields) {
      sched_yield();
    } else {
      waited = true;
      if (wait_for_room(deadline, eager)) continue;
      result = refuse(node);
      break;
    }
  }
  if (waited) pass_room_on();
  return result;
}

// Sleeps until there may be room. False if the deadline passed. A quarter of the queue has to come free first, or half the
// time of everybody goes into waking; but after a millisecond the tasks are long, and the first free place counts.
bool ThreadPool::wait_for_room(Deadline deadline, bool& eager) {
  const EventCount::Key key = room_events_.prepare();
  Deadline until = deadline;
  if (!eager) until = std::min(until, deadline_in(std::chrono::milliseconds(1)));
  {
    const std::scoped_lock guard(outlet_.lock, inlet_.lock);
    if (inlet_.growth_failed) until = std::min(until, deadline_in(kGrowAgainAfter));
    if (inlet_.phase != Phase::running || depth_locked() < options_.capacity) {
      room_events_.cancel();
      return true;
    }
    ++inlet_.room_waiters;
    if (eager) ++inlet_.eager_waiters;
    arm_room_signal();
  }
  const bool notified = room_events_.wait_until(key, until);
  {
    const std::scoped_lock guard(inlet_.lock);
    --inlet_.room_waiters;
    if (eager) --inlet_.eager_waiters;
  }
  if (!notified) eager = true;
  return notified || std::chrono::steady_clock::now() < deadline;
}

// With both locks held.
void ThreadPool::arm_room_signal() noexcept {
  const std::uint64_t places =
      inlet_.eager_waiters > 0 ? 1 : std::max<std::uint64_t>(1, options_.capacity / 4);
  // relaxed: the outlet's lock is held.
  outlet_.room_at = std::min(outlet_.room_at, outlet_.popped.load(std::memory_order_relaxed) + places);
}

// Who has waited for room and waits no more hands the signal on: it is given to one at a time.
void ThreadPool::pass_room_on() noexcept {
  {
    const std::scoped_lock guard(outlet_.lock, inlet_.lock);
    if (inlet_.room_waiters == 0) return;
    if (depth_locked() >= options_.capacity) return arm_room_signal();
  }
  room_events_.notify_one();
}

Admission ThreadPool::refuse(TaskNode* node) noexcept {
  {
    const std::scoped_lock guard(inlet_.lock);
    ++inlet_.rejected;
  }
  discard_task(std::move(node->task), Abandonment::rejected, {&outlet_.caller_counters, id_});
  delete node;
  return Admission::rejected;
}

// Makes room where room is made, and takes it. False if there was room by then or the pool ends.
bool ThreadPool::drop_one_for(TaskNode* node, Priority priority) {
  outlet_.lock.lock();
  inlet_.lock.lock();
  if (inlet_.phase != Phase::running || depth_locked() < options_.capacity) {
    inlet_.lock.unlock();
    outlet_.lock.unlock();
    return false;
  }
  outlet_.lanes.append(inlet_.lanes);
  // relaxed (all): both locks are held.
  inlet_.filled.store(0, std::memory_order_relaxed);
  const std::size_t lane = outlet_.lanes.lowest();
  TaskNode* oldest = outlet_.lanes.pop(lane);
  ++outlet_.popped_per_lane[lane];
  outlet_.popped.store(outlet_.popped.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  ++outlet_.dropped;
  outlet_.lock.unlock();
  admit(node, priority);
  discard_task(std::move(oldest->task), Abandonment::dropped, {&outlet_.caller_counters, id_});
  delete oldest;
  return true;
}

Admission ThreadPool::run_here(TaskNode* node) {
  bool late = false;
  {
    const std::scoped_lock guard(outlet_.lock, inlet_.lock);
    // A shutdown waits for callers that are counted. It may have come and gone since the queue was found full, and then
    // what the task hands in would lie in a queue that nobody empties.
    late = inlet_.phase != Phase::running;
    if (!late) {
      ++outlet_.busy;
      ++outlet_.callers;
      ++inlet_.caller_runs;
    }
  }
  if (late) return refuse(node);
  PoolContext& context = pool_context();
  PoolFrame& frame = context;
  const PoolFrame outer = frame;
  frame = {.pool = this, .worker = nullptr, .pool_id = id_, .outer = &outer};
  const CallbackBook outer_book = std::exchange(context.book, {&outlet_.caller_counters, id_});
  const std::uint64_t begun = TickClock::instance().now();
  TaskOutcome outcome = TaskOutcome::failed;
  try {
    outcome = node->task();
  } catch (...) {
    report(std::current_exception());
  }
  node->task.reset();
  const std::uint64_t ended = TickClock::instance().now();
  frame = outer;
  context.book = outer_book;
  {
    const std::scoped_lock guard(outlet_.lock, inlet_.lock);
    outlet_.caller_counters.count(outcome, begun - std::min(begun, node->submitted), ended - begun);
    --outlet_.callers;
    --outlet_.busy;
    break_deadlock_locked();
    leave_idle_locked();
  }
  idle_events_.notify_all();
  delete node;
  return Admission::caller_ran;
}

PoolStats ThreadPool::stats() const {
  PoolStats stats;
  TaskCounters::Sums sums;
  {
    const std::scoped_lock guard(threads_lock_);
    const std::scoped_lock both(outlet_.lock, inlet_.lock);
    for (const auto& worker : workers_) worker->counters.add_to(sums);
    outlet_.caller_counters.add_to(sums);
    stats.submitted = inlet_.pushed + inlet_.rejected + inlet_.caller_runs;
    stats.dropped = outlet_.dropped;
    stats.unrun = outlet_.unrun;
    stats.rejected = inlet_.rejected;
    stats.above_capacity = inlet_.above_capacity;
    stats.caller_runs = inlet_.caller_runs;
    stats.creation_failures = inlet_.creation_failures;
    for (std::size_t lane = 0; lane < kPriorities; ++lane) {
      stats.depth[lane] =
          static_cast<std::size_t>(inlet_.pushed_per_lane[lane] - outlet_.popped_per_lane[lane]);
    }
    stats.active = outlet_.busy - outlet_.callers;
    stats.total = inlet_.total;
    stats.idle = stats.total - stats.active;
    stats.peak = inlet_.peak;
    stats.paused = inlet_.paused;
  }
  const auto of = [&sums](TaskOutcome outcome) { return sums.outcomes[static_cast<std::size_t>(outcome)]; };
  stats.completed = of(TaskOutcome::completed);
  stats.failed = of(TaskOutcome::failed);
  stats.timed_out = of(TaskOutcome::timed_out);
  stats.cancelled = of(TaskOutcome::cancelled);
  stats.callback_errors = sums.callback_errors;
  const TickClock& clock = TickClock::instance();
  stats.execution_total = clock.duration(sums.run_total);
  stats.execution_most = clock.duration(sums.run_most);
  stats.queue_wait_total = clock.duration(sums.wait_total);
  stats.queue_wait_most = clock.duration(sums.wait_most);
  return stats;
}

}  // namespace crosstalk::pool
