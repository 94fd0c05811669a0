// What a future or an error callback gets instead of a result, when it is not what the task itself threw.
#pragma once

#include <exception>
#include <stdexcept>

namespace crosstalk::pool {

// Its deadline passed: while it was queued, and then it never ran, or while it ran, and then its result is discarded.
class TimeoutError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Its stop token asked to stop before it began; or what a task throws that stops half-way because of it.
class CancelledError : public std::runtime_error {
 public:
  CancelledError() : std::runtime_error("task: cancelled") {}
};

// It was destroyed without having run: dropped for a newer one, or handed back by a shutdown and not run.
class AbandonedError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The pool did not take it: the queue was full, or the pool is shut down.
class RejectedError : public AbandonedError {
 public:
  using AbandonedError::AbandonedError;
};

// Waiting would never have ended: every worker of the pool waits for a task of the same pool, or the wait goes in a circle.
class DeadlockError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// An error to be thrown later; where there is no memory for it, the std::bad_alloc in its place.
template <class Error, class... What>
[[nodiscard]] std::exception_ptr error_of(const What*... what) noexcept {
  try {
    return std::make_exception_ptr(Error(what...));
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace crosstalk::pool
