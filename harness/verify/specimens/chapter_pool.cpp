#include "harness/verify/specimens/chapter_pool.h"

#include <sched.h>

#include <memory>
#include <utility>

namespace crosstalk::harness::verify {

using pool::Admission;

ChapterPool::ChapterPool(const pool::PoolOptions& options, PoolBug bug) : options_(options), bug_(bug) {
  Lock lock(mutex_);
  for (unsigned i = 0; i < options_.min_threads; ++i) start_thread(lock, false);
}

ChapterPool::~ChapterPool() {
  shutdown();
}

void ChapterPool::start_thread(Lock&, bool counted) {
  if (!counted) ++total_;
  threads_.emplace_back([this] { work(); });
}

Admission ChapterPool::post(pool::Task task, pool::Priority priority) {
  // relaxed (all looks at `stop_`): the mutex orders it, where the bug does not.
  const bool closed = stop_.load(std::memory_order_relaxed);
  if (bug_ == PoolBug::m21_look_then_queue && closed) return Admission::rejected;
  if (bug_ == PoolBug::m21_look_then_queue) sched_yield();
  Lock lock(mutex_);
  ++books_.submitted;
  if (bug_ != PoolBug::m21_look_then_queue && stop_.load(std::memory_order_relaxed)) {
    ++books_.rejected;
    return Admission::rejected;
  }
  auto* kept = new pool::Task(std::move(task));
  // Scrambled, the numbers put equal priorities out of order.
  const std::uint64_t number = bug_ == PoolBug::m25_unstable ? next_++ * 7 % 16 : next_++;
  queue_.insert({kept, static_cast<unsigned>(priority), number, new std::uint64_t(number)});
  ++unfinished_;
  const bool grow =
      static_cast<int>(queue_.size()) > idle_ && total_ < static_cast<int>(options_.max_threads);
  if (grow && bug_ == PoolBug::m23_look_then_grow) {
    lock.unlock();
    sched_yield();
    lock.lock();
    start_thread(lock, false);
  } else if (grow) {
    start_thread(lock, false);
  }
  changed_.notify_one();
  return Admission::accepted;
}

void ChapterPool::leave_idle() {
  if (bug_ == PoolBug::m18_idle_below_zero) return;
  --idle_;
}

// False: the thread is to end.
bool ChapterPool::wait_for_task(Lock& lock) {
  if (bug_ != PoolBug::m18_idle_below_zero) ++idle_;
  while (queue_.empty()) {
    if (stop_.load(std::memory_order_relaxed)) return leave_idle(), false;
    if (total_ <= static_cast<int>(options_.min_threads) && bug_ != PoolBug::m22_keep_alive_race) {
      if (bug_ == PoolBug::m20_stop_without_mutex) sched_yield();
      changed_.wait(lock);
    } else if (changed_.wait_for(lock, options_.keep_alive) == std::cv_status::timeout) {
      if (bug_ == PoolBug::m22_keep_alive_race) {
        // It has decided to leave, and counts as idle until it has: who submits now starts no other thread.
        lock.unlock();
        sched_yield();
        lock.lock();
        return leave_idle(), false;
      }
      if (queue_.empty() && total_ > static_cast<int>(options_.min_threads)) return leave_idle(), false;
    }
  }
  leave_idle();
  if (bug_ == PoolBug::m17_stop_before_drain && stop_.load(std::memory_order_relaxed)) return false;
  return true;
}

void ChapterPool::work() {
  Lock lock(mutex_);
  while (wait_for_task(lock)) {
    if (queue_.begin()->task == nullptr) {
      queue_.erase(queue_.begin());
      break;
    }
    run_one(lock);
  }
  --total_;
  if (bug_ == PoolBug::m18_idle_below_zero) --idle_;
  done_.notify_all();
}

void ChapterPool::run_one(Lock& lock) {
  const std::unique_ptr<pool::Task> task(queue_.begin()->task);
  const std::unique_ptr<const std::uint64_t> order(queue_.begin()->order);
  queue_.erase(queue_.begin());
  ++active_;
  if (bug_ == PoolBug::m18_idle_below_zero) --idle_;
  lock.unlock();
  bool threw = false;
  try {
    (*task)();
  } catch (...) {
    threw = true;
  }
  lock.lock();
  if (bug_ == PoolBug::m18_idle_below_zero) ++idle_;
  ++(threw ? books_.failed : books_.completed);
  --unfinished_;
  if (!(threw && bug_ == PoolBug::m24_throw_skips_books)) --active_;
  done_.notify_all();
}

void ChapterPool::shutdown() {
  if (bug_ == PoolBug::m20_stop_without_mutex) {
    stop_.store(true, std::memory_order_relaxed);
    changed_.notify_all();
  }
  Lock lock(mutex_);
  if (threads_.empty()) return;
  stop_.store(true, std::memory_order_relaxed);
  if (bug_ == PoolBug::m19_sentinel) {
    for (int i = 0; i < total_; ++i) queue_.insert(Entry{});
  }
  if (bug_ != PoolBug::m20_stop_without_mutex) changed_.notify_all();
  if (bug_ == PoolBug::m17_stop_before_drain) done_.wait(lock, [this] { return unfinished_ == 0; });
  std::vector<std::thread> threads = std::exchange(threads_, {});
  lock.unlock();
  for (std::thread& thread : threads) thread.join();
}

pool::PoolStats ChapterPool::stats() const {
  const Lock lock(mutex_);
  pool::PoolStats stats = books_;
  stats.idle = static_cast<unsigned>(idle_);
  stats.active = static_cast<unsigned>(active_);
  stats.total = static_cast<unsigned>(total_);
  return stats;
}

}  // namespace crosstalk::harness::verify
