#include "pool/executor/strand.h"

#include <exception>
#include <mutex>
#include <utility>

namespace crosstalk::pool {

namespace {

struct Scheduling;
thread_local Scheduling* scheduling = nullptr;

// A strand whose step this thread is handing over just now.
struct Scheduling {
  explicit Scheduling(const Strand& of) noexcept : strand(&of), outer(std::exchange(scheduling, this)) {}
  Scheduling(const Scheduling&) = delete;
  Scheduling& operator=(const Scheduling&) = delete;
  ~Scheduling() { scheduling = outer; }

  const Strand* const strand;
  Scheduling* const outer;
  bool again = false;  // the step was run or given up inside: it is left to schedule() to go on
};

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

// Hands a step to the executor, and where that ran it, or gave it up, at once, the next one. Where the executor throws, the
// step has been destroyed, and so its task has been given up. What it threw for the first comes out at the end.
Admission Strand::schedule(Priority priority) {
  Scheduling now(*this);
  Admission first = Admission::rejected;
  std::exception_ptr error;
  try {
    first = executor_->post(Task(Step(*this)), priority);
  } catch (...) {
    error = std::current_exception();
  }
  while (std::exchange(now.again, false)) {
    {
      const std::scoped_lock guard(lock_);
      priority = head_->priority;
    }
    try {
      executor_->post(Task(Step(*this)), priority);
    } catch (...) {
      // Its task is one that was accepted: as where the executor drops the step.
    }
  }
  if (error != nullptr) std::rethrow_exception(error);
  return first;
}

// After a task has run, or has been given up. Called by destructors.
void Strand::go_on() noexcept {
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
  try {
    schedule(next);
  } catch (...) {
    // As in schedule().
  }
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
