// What a thread knows of the pools: on whose behalf it runs a task, and what it keeps for its next one.
#pragma once

#include <cstdint>
#include <exception>
#include <utility>
#include <vector>

#include "pool/executor/task.h"

namespace crosstalk::pool {

class ThreadPool;
struct PoolWorker;

// An element of the pool's queue. Made by a submitter, recycled through the pool, belongs to no pool in particular.
struct alignas(64) TaskNode {
  TaskNode* next = nullptr;
  std::uint64_t submitted = 0;  // ticks
  Task task;
};

enum class Abandonment : std::uint8_t { unrun, dropped, rejected };

struct PoolContext {
  // The pool one of whose tasks this thread runs, as a worker or as the caller of post(); null if none.
  ThreadPool* pool = nullptr;
  PoolWorker* worker = nullptr;                  // this thread's own, if it is a worker
  int index = -1;                                // of the worker
  std::uint64_t pool_id = 0;                     // of the pool above
  TaskNode* spare = nullptr;                     // for the next task that this thread submits
  Abandonment abandonment = Abandonment::unrun;  // why tasks are being destroyed by this thread just now
  std::vector<std::pair<Task, Abandonment>>* discarded =
      nullptr;  // what comes to be destroyed while others are

  PoolContext() = default;
  PoolContext(const PoolContext&) = delete;
  PoolContext& operator=(const PoolContext&) = delete;
  ~PoolContext() { delete spare; }
};

// This thread's.
[[nodiscard]] PoolContext& pool_context() noexcept;

// For the jobs: a callback threw; why the job is being destroyed.
void note_callback_error() noexcept;
[[nodiscard]] std::exception_ptr abandonment_error() noexcept;

}  // namespace crosstalk::pool
