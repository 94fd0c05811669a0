// What a thread knows of the pools: on whose behalf it runs a task, and what it keeps for its next one.
#pragma once

#include <cstdint>
#include <exception>
#include <type_traits>
#include <utility>
#include <vector>

#include "pool/executor/task.h"

namespace crosstalk::pool {

class TaskCounters;
class ThreadPool;
struct PoolWorker;

// An element of the pool's queue. Made by a submitter, recycled through the pool, belongs to no pool in particular.
struct alignas(64) TaskNode {
  TaskNode* next = nullptr;
  std::uint64_t submitted = 0;  // ticks
  Task task;
};

enum class Abandonment : std::uint8_t { unrun, dropped, rejected };

// On whose behalf a thread runs a task.
struct PoolFrame {
  // The pool one of whose tasks it runs, as a worker or as the caller of post(); null if none.
  ThreadPool* pool = nullptr;
  PoolWorker* worker = nullptr;      // this thread's own, if it is a worker of that pool
  std::uint64_t pool_id = 0;         // of that pool
  const PoolFrame* outer = nullptr;  // the task inside which this one runs, if the thread ran it as a caller
};

// Where callbacks that throw are counted, for the tasks of one pool.
struct CallbackBook {
  TaskCounters* counters = nullptr;
  std::uint64_t pool_id = 0;
};

// Trivially destructible, since tasks are also posted by what is destroyed at the end of a thread or of the program.
struct PoolContext : PoolFrame {
  enum class Spares : std::uint8_t { untouched, kept, gone };

  int index = -1;                                // of the worker that this thread is
  CallbackBook book;                             // of what it runs or destroys just now
  TaskNode* spare = nullptr;                     // for the next task that this thread submits
  Spares spares = Spares::untouched;             // whether there may be one; gone: the thread is about to end
  Abandonment abandonment = Abandonment::unrun;  // why tasks are being destroyed by this thread just now
  std::vector<std::pair<Task, Abandonment>>* discarded =
      nullptr;  // what comes to be destroyed while others are

  // This thread's innermost task of that pool; null if it runs none.
  [[nodiscard]] const PoolFrame* frame_of(const ThreadPool* of) const noexcept {
    const PoolFrame* frame = this;
    while (frame != nullptr && frame->pool != of) frame = frame->outer;
    return frame;
  }
  [[nodiscard]] const PoolFrame* frame_of(std::uint64_t of) const noexcept {
    const PoolFrame* frame = this;
    while (frame != nullptr && frame->pool_id != of) frame = frame->outer;
    return frame;
  }
};
static_assert(std::is_trivially_destructible_v<PoolContext>);

// This thread's.
[[nodiscard]] PoolContext& pool_context() noexcept;

// A node for a task, of a thread that has none to spare. From the first on it may keep one, until it ends.
[[nodiscard]] TaskNode* make_node(PoolContext& context);

// A callback of a task of that pool threw. Not counted on a thread that has nothing to do with the pool, which may be gone.
void note_callback_error(std::uint64_t pool_id) noexcept;
// For the jobs: why the job is being destroyed.
[[nodiscard]] std::exception_ptr abandonment_error() noexcept;

}  // namespace crosstalk::pool
