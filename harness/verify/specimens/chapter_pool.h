// The thread pool of the chapter, in C++, with one of its bugs or one of those that pools are known for, or with none: the twin.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "pool/executor/executor.h"
#include "pool/executor/pool_options.h"
#include "pool/executor/pool_stats.h"

namespace crosstalk::harness::verify {

enum class PoolBug : std::uint8_t {
  none,
  m17_stop_before_drain,  // workers leave while tasks are queued, and the shutdown waits for those for ever
  m18_idle_below_zero,    // counted down before it was ever counted up
  m19_sentinel,  // the end is an entry of the queue that ties with urgent tasks and overtakes the others
  m20_stop_without_mutex,  // set between a worker's look and its sleep
  m21_look_then_queue,     // a task may be accepted after the last worker has left
  m22_keep_alive_race,     // the last thread leaves although a task has come
  m23_look_then_grow,      // two submitters each start the last thread that may be started
  m24_throw_skips_books,   // a task that throws is never counted out
  m25_unstable,            // equal priorities change places
};

class ChapterPool final : public pool::WorkerPool {
 public:
  ChapterPool(const pool::PoolOptions& options, PoolBug bug);
  ~ChapterPool() override;
  pool::Admission post(pool::Task task, pool::Priority priority) override;
  void shutdown() override;
  [[nodiscard]] pool::PoolStats stats() const override;

 private:
  struct Entry {
    pool::Task* task = nullptr;  // null: the sentinel of M19
    unsigned priority = 0;
    std::uint64_t number = 0;
    const std::uint64_t* order = nullptr;
  };
  struct Before {
    bool operator()(const Entry& a, const Entry& b) const {
      if (a.priority != b.priority) return a.priority < b.priority;
      return *a.order < *b.order;  // of a sentinel there is none
    }
  };
  using Lock = std::unique_lock<std::mutex>;

  void start_thread(Lock& lock, bool counted);
  void work();
  bool wait_for_task(Lock& lock);
  void run_one(Lock& lock);
  void leave_idle();

  const pool::PoolOptions options_;
  const PoolBug bug_;
  mutable std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  std::condition_variable done_;
  std::multiset<Entry, Before> queue_;
  std::uint64_t next_ = 0;
  std::atomic<bool> stop_{false};
  int idle_ = 0, total_ = 0, active_ = 0;
  std::uint64_t unfinished_ = 0;
  pool::PoolStats books_;
  std::vector<std::thread> threads_;
};

}  // namespace crosstalk::harness::verify
