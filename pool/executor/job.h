// job: what a task is when somebody asks for more than that it be run: a result, a deadline, cancellation or callbacks. One
// allocation holds all of that together with the callable.
//
// It is settled exactly once, whatever happens: by its run, by a waiter whose deadline passed, or by being destroyed unrun.
// The callable and what it owns is destroyed before the result is ready.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "pool/executor/executor.h"
#include "pool/executor/future.h"
#include "pool/executor/pool_context.h"
#include "pool/executor/task.h"
#include "pool/executor/task_errors.h"

namespace crosstalk::pool {

struct TaskOptions {
  static constexpr std::chrono::nanoseconds kNoTimeout = std::chrono::nanoseconds::max();

  Priority priority = Priority::normal;
  // From now on. When it passes in the queue, the task never runs; while it runs, its result is discarded.
  std::chrono::nanoseconds timeout = kNoTimeout;
  // Asked before the task begins, and handed to a callable that takes a std::stop_token.
  std::stop_token stop = {};
  // Called once with what kept the task from completing, on the thread that found out. What it throws is counted.
  std::function<void(std::exception_ptr)> on_error = {};
};

// No success callback.
struct NoCallback {};

namespace detail {

template <class F>
concept TakesStopToken = std::invocable<F&, std::stop_token>;

template <class F>
struct JobResult {
  using type = std::invoke_result_t<F&>;
};
template <TakesStopToken F>
struct JobResult<F> {
  using type = std::invoke_result_t<F&, std::stop_token>;
};
template <class F>
using JobResultOf = typename JobResult<std::remove_cvref_t<F>>::type;

// F: the callable. OnSuccess: called with the result before it is ready, or with nothing if there is none.
template <class F, class OnSuccess>
class Job final : public ResultState<JobResultOf<F>> {
 public:
  using Result = JobResultOf<F>;

  template <class G>
  Job(std::uint64_t pool, G&& callable, TaskOptions options, OnSuccess on_success)
      : callable_(std::in_place, std::forward<G>(callable)),
        stop_(std::move(options.stop)),
        on_error_(std::move(options.on_error)),
        on_success_(std::move(on_success)) {
    this->pool_ = pool;
    if (options.timeout != TaskOptions::kNoTimeout) this->deadline_ = deadline_in(options.timeout);
  }

  TaskOutcome run() noexcept {
    if (stop_.stop_requested()) {
      return finish(TaskOutcome::cancelled, error_of<CancelledError>());
    }
    if (late()) return finish(TaskOutcome::timed_out, error_of<TimeoutError>("task: timed out in the queue"));
    // relaxed: read by this thread, or by another one under the pool's lock, which this one takes before it waits.
    if (pool_context().pool_id == this->pool_) {
      this->runner_.store(pool_context().worker, std::memory_order_relaxed);
    }
    TaskOutcome outcome = TaskOutcome::completed;
    std::exception_ptr error;
    try {
      call();
    } catch (const CancelledError&) {
      error = std::current_exception();
      outcome = stop_.stop_requested() ? TaskOutcome::cancelled : TaskOutcome::failed;
    } catch (...) {
      error = std::current_exception();
      outcome = TaskOutcome::failed;
    }
    if (late()) {
      outcome = TaskOutcome::timed_out;
      error = error_of<TimeoutError>("task: timed out while it ran; its result is discarded");
    }
    return finish(outcome, std::move(error));
  }

  // It will not run.
  void abandon() noexcept { finish(TaskOutcome::failed, abandonment_error()); }

 private:
  [[nodiscard]] bool late() const noexcept {
    return this->deadline_ != kNoDeadline && std::chrono::steady_clock::now() >= this->deadline_;
  }

  void call() {
    if constexpr (std::is_void_v<Result>) {
      invoke();
    } else if constexpr (std::is_reference_v<Result>) {
      this->result_.emplace(&invoke());
    } else {
      this->result_.emplace(invoke());
    }
  }
  decltype(auto) invoke() {
    if constexpr (TakesStopToken<F>) {
      return (*callable_)(stop_);
    } else {
      return (*callable_)();
    }
  }

  // Only the run writes the result, so a waiter whose deadline passes in the meantime need not keep it from that.
  TaskOutcome finish(TaskOutcome outcome, std::exception_ptr error) noexcept {
    callable_.reset();
    const bool claimed = this->claim();
    if (!claimed) {  // a waiter has reported that the deadline passed
      outcome = TaskOutcome::timed_out;
      error = error_of<TimeoutError>("task: timed out");
    }
    try {
      if (error != nullptr) {
        if (on_error_) on_error_(error);
      } else if constexpr (!std::is_same_v<OnSuccess, NoCallback>) {
        report_success();
      }
    } catch (...) {
      note_callback_error(this->pool_);
    }
    on_error_ = nullptr;
    // relaxed: see run().
    this->runner_.store(nullptr, std::memory_order_relaxed);
    if (error != nullptr) this->result_.reset();
    if (claimed) {
      this->error_ = std::move(error);
      this->settle();
    }
    return outcome;
  }
  void report_success() {
    if constexpr (std::is_void_v<Result>) {
      on_success_();
    } else if constexpr (std::is_reference_v<Result>) {
      on_success_(**this->result_);
    } else {
      on_success_(std::as_const(*this->result_));
    }
  }

  std::optional<F> callable_;
  std::stop_token stop_;
  std::function<void(std::exception_ptr)> on_error_;
  [[no_unique_address]] OnSuccess on_success_;
};

// The job's end of the bargain: a callable that runs it once, or abandons it when destroyed without having been called.
template <class J>
class JobTask {
 public:
  explicit JobTask(J* job) noexcept : job_(job) {}
  JobTask(JobTask&& other) noexcept : job_(std::exchange(other.job_, nullptr)) {}
  JobTask& operator=(JobTask&&) = delete;
  ~JobTask() {
    if (job_ == nullptr) return;
    job_->abandon();
    job_->release();
  }
  TaskOutcome operator()() noexcept {
    J* job = std::exchange(job_, nullptr);
    const TaskOutcome outcome = job->run();
    job->release();
    return outcome;
  }

 private:
  J* job_;
};

}  // namespace detail
}  // namespace crosstalk::pool
