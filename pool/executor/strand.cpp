#include "pool/executor/strand.h"

#include <mutex>
#include <utility>

namespace crosstalk::pool {

namespace {

// A strand whose step this thread is handing over just now.
struct Scheduling {
  const Strand* strand;
  Scheduling* outer;
  bool again = false;  // the step was run or given up inside: it is left to schedule() to go on
};
thread_local Scheduling* scheduling = nullptr;

}  // namespace

Strand::~Strand() {
  while (head_ != nullptr) pop();  // one by one: a long list must not be destroyed recursively
}

std::unique_ptr<Strand::Node> Strand::pop() noexcept {
  std::unique_ptr<Node> node = std::move(head_);
  head_ = std::move(node->next);
  if (head_ == nullptr) tail_ = nullptr;
  return node;
}

Admission Strand::post(Task task, Priority priority) {
  auto node = std::make_unique<Node>(Node{std::move(task), priority, nullptr});
  {
    const std::scoped_lock guard(lock_);
    Node* added = node.get();
    (tail_ == nullptr ? head_ : tail_->next) = std::move(node);
    tail_ = added;
    if (std::exchange(running_, true)) return Admission::accepted;
  }
  return schedule(priority);
}

// Hands a step to the executor, and where that ran it, or gave it up, at once, the next one.
Admission Strand::schedule(Priority priority) {
  Scheduling now{.strand = this, .outer = scheduling};
  scheduling = &now;
  const Admission first = executor_->post(Task(Step(*this)), priority);
  while (std::exchange(now.again, false)) {
    {
      const std::scoped_lock guard(lock_);
      priority = head_->priority;
    }
    executor_->post(Task(Step(*this)), priority);
  }
  scheduling = now.outer;
  return first;
}

// After a task has run, or has been given up.
void Strand::go_on() {
  Priority next{};
  {
    const std::scoped_lock guard(lock_);
    if (head_ == nullptr) {
      running_ = false;
      return;
    }
    next = head_->priority;
  }
  for (Scheduling* frame = scheduling; frame != nullptr; frame = frame->outer) {
    if (frame->strand == this) {
      frame->again = true;
      return;
    }
  }
  schedule(next);
}

void Strand::give_up() noexcept {
  std::unique_ptr<Node> node;
  {
    const std::scoped_lock guard(lock_);
    node = pop();
  }
  node.reset();
  go_on();
}

// Runs one task, then hands the strand back to the executor with the next task's priority.
TaskOutcome Strand::step() {
  std::unique_ptr<Node> node;
  {
    const std::scoped_lock guard(lock_);
    node = pop();
  }
  // Even if the task throws, the strand must go on; what it threw goes to the executor, which counts it.
  struct Continue {
    Strand& strand;
    ~Continue() { strand.go_on(); }
  } const go_on{*this};
  return node->task();
}

}  // namespace crosstalk::pool
