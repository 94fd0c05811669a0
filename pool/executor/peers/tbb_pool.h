// A tbb::task_arena as a pool of the pooled path. See peer_pool.h for what it does not support.
//
// Tasks are enqueued, which is oneTBB's way for those that nobody waits for: spread over several queues of the arena, roughly in
// order of arrival. The workers are oneTBB's own: they come to the arena when there is work and may leave it when there is none,
// and on_worker_start is called each time one comes. Their number is limited for the process by the largest pool that is alive.
#pragma once

#include <utility>

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_scheduler_observer.h>

#include "pool/executor/peers/peer_pool.h"

namespace crosstalk::pool {

class TbbPool final : public PeerPool {
 public:
  static constexpr PeerPoolTraits kTraits{
      .fifo = false, .algorithm = "enqueue into an arena, several queues", .source = "oneTBB task_arena"};

  explicit TbbPool(const PoolOptions& options)
      : PeerPool(options),
        // One more than workers: oneTBB counts the thread that starts it, which never works here.
        limit_(tbb::global_control::max_allowed_parallelism, options.max_threads + 1),
        arena_(static_cast<int>(options.max_threads), 0),
        watcher_(*this) {}
  ~TbbPool() override { shutdown(); }

  Admission post(Task task, Priority /*priority*/) override {
    return hand_over([&] { arena_.enqueue(Step{this, std::move(task)}); });
  }
  void shutdown() override {
    if (!close_and_drain()) return;
    watcher_.observe(false);
    arena_.terminate();
  }

 private:
  struct Step {
    Step(TbbPool* owner, Task&& what) noexcept : pool(owner), task(std::move(what)) {}
    Step(Step&& other) noexcept : pool(other.pool), task(std::move(other.task)) {}
    void operator()() const { pool->run(task); }

    TbbPool* pool;
    mutable Task task;  // oneTBB calls what it was given as a constant
  };

  // Tells who comes which place of the arena is its own.
  class Watcher final : public tbb::task_scheduler_observer {
   public:
    explicit Watcher(TbbPool& pool) : tbb::task_scheduler_observer(pool.arena_), pool_(pool) {
      observe(true);
    }
    void on_scheduler_entry(bool /*is_worker*/) override {
      // An arena for one has two places, of which one is used at a time.
      const auto place = static_cast<unsigned>(tbb::this_task_arena::current_thread_index());
      pool_.enter(place % pool_.options().max_threads);
    }
    void on_scheduler_exit(bool /*is_worker*/) override { leave(); }

   private:
    TbbPool& pool_;
  };
  friend class Watcher;

  tbb::global_control limit_;
  tbb::task_arena arena_;
  Watcher watcher_;
};

}  // namespace crosstalk::pool
