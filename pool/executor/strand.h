// A strand: its tasks run one at a time, in the order in which they were posted, on any worker of an executor. Each
// task has its own priority, which decides between strands; it never reorders within one.
//
// Invariant: `running_` is true exactly while a step of this strand is queued at the executor or runs; only the step
// takes tasks out. Progress: post() holds a small spin lock for O(1). 48 bytes while idle.
//
// If the executor rejects or drops a step, its task is destroyed unrun; later tasks of the strand are not affected. Where the
// caller runs a step (QueuePolicy::caller_runs), post() runs those that follow in a loop. A strand must outlive its tasks.
// Errors: post() throws std::bad_alloc, or what the executor threw at its step; its task is then destroyed. Where the executor
// throws at a later step, that is as if it dropped the step.
#pragma once

#include <memory>
#include <utility>

#include "pool/executor/executor.h"
#include "pool/locks/ttas_lock.h"

namespace crosstalk::pool {

class Strand {
 public:
  explicit Strand(Executor& executor) noexcept : executor_(&executor) {}
  ~Strand();
  Strand(const Strand&) = delete;
  Strand& operator=(const Strand&) = delete;

  Admission post(Task task, Priority priority);

 private:
  struct Node {
    Task task;
    Priority priority;
    std::unique_ptr<Node> next;
  };

  // What is queued at the executor: runs one task, or, destroyed without having been called, gives one up.
  class Step {
   public:
    explicit Step(Strand& strand) noexcept : strand_(&strand) {}
    Step(Step&& other) noexcept : strand_(std::exchange(other.strand_, nullptr)) {}
    Step& operator=(Step&&) = delete;
    ~Step() {
      if (strand_ != nullptr) strand_->give_up();
    }
    TaskOutcome operator()() { return std::exchange(strand_, nullptr)->step(); }

   private:
    Strand* strand_;
  };

  TaskOutcome step();
  void give_up() noexcept;
  void go_on() noexcept;
  Admission schedule(Priority priority);
  std::unique_ptr<Node> pop() noexcept;

  Executor* executor_;
  TtasLock lock_;  // guards the members below
  bool running_ = false;
  std::unique_ptr<Node> head_;
  Node* tail_ = nullptr;
};
static_assert(sizeof(Strand) <= 64);

}  // namespace crosstalk::pool
