#include "pool/executor/strand.h"

#include <mutex>
#include <utility>

namespace crosstalk::pool {

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

Admission Strand::schedule(Priority priority) {
  const Admission admission = executor_->post(Task([this] { step(); }), priority);
  if (admission != Admission::rejected) return admission;
  std::unique_ptr<Node> refused;
  {
    const std::scoped_lock guard(lock_);
    refused = pop();
    running_ = head_ != nullptr;
    if (!running_) return admission;
    priority = head_->priority;
  }
  schedule(priority);  // what came in behind it meanwhile gets an attempt of its own
  return admission;
}

// Runs one task, then hands the strand back to the executor with the next task's priority.
void Strand::step() {
  std::unique_ptr<Node> node;
  {
    const std::scoped_lock guard(lock_);
    node = pop();
  }
  // Even if the task throws, the strand must go on; what it threw goes to the executor, which counts it.
  struct Continue {
    Strand& strand;
    ~Continue() {
      Priority next{};
      {
        const std::scoped_lock guard(strand.lock_);
        if (strand.head_ == nullptr) {
          strand.running_ = false;
          return;
        }
        next = strand.head_->priority;
      }
      strand.schedule(next);
    }
  } const go_on{*this};
  node->task();
}

}  // namespace crosstalk::pool
