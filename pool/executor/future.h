// future: the result of a task of a thread pool, once it is there.
//
// Waiting is safe where std::future hangs: on a worker of the task's own pool the pool first grows, if it may; where the
// wait could never end, because all workers wait so or the wait goes in a circle, it throws DeadlockError instead. A task with
// a deadline is waited for no longer than that: then the future holds a TimeoutError, once and for all.
//
// States of the result: pending -> settling -> ready; only who moves it from pending to settling may write it.
//
// Progress: ready() is wait-free; the waits block. Ownership: the future shares the result with the task; neither needs the
// pool to be alive, once the task has run or is destroyed. One thread at a time may use a future.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <future>
#include <optional>
#include <type_traits>
#include <utility>

#include "pool/sync/event_count.h"
#include "pool/sync/futex.h"

namespace crosstalk::pool {

class ThreadPool;
struct PoolWorker;

class FutureState {
 public:
  FutureState(const FutureState&) = delete;
  FutureState& operator=(const FutureState&) = delete;

  [[nodiscard]] bool ready() const noexcept {
    // (1) - acquire: synchronizes with the release in settle() (2), so the result is seen.
    return stage_.load(std::memory_order_acquire) == Stage::ready;
  }
  // False if `limit` passed first. Throws DeadlockError, see above.
  bool wait_until(Deadline limit);
  // What there is instead of a result; to be asked when ready.
  [[nodiscard]] const std::exception_ptr& error() const noexcept { return error_; }

  void retain() noexcept {
    // relaxed: the caller has a reference, so the count cannot come from or go to zero here.
    references_.fetch_add(1, std::memory_order_relaxed);
  }
  void release() noexcept {
    // acq_rel: (3) - the release of each owner synchronizes with the acquire of the last one, which destroys.
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 protected:
  FutureState() = default;
  virtual ~FutureState() = default;

  // True for one caller: that one sets the result or the error and then calls settle().
  [[nodiscard]] bool claim() noexcept {
    Stage pending = Stage::pending;
    // relaxed: it only decides who writes; what is written is published by settle() (2).
    return stage_.compare_exchange_strong(pending, Stage::settling, std::memory_order_relaxed);
  }
  void settle() noexcept {
    // (2) - release: synchronizes with the acquire in ready() (1).
    stage_.store(Stage::ready, std::memory_order_release);
    ready_events_.notify_all();
  }

  std::exception_ptr error_;
  Deadline deadline_ = kNoDeadline;  // of the task
  std::uint64_t pool_ = 0;           // the id of its pool
  // Where the task runs; null if it does not, or not on a worker. Only ever set by that thread.
  std::atomic<const PoolWorker*> runner_{nullptr};

 private:
  friend class ThreadPool;
  enum class Stage : std::uint32_t { pending, settling, ready };

  bool expire(Deadline limit);

  std::atomic<Stage> stage_{Stage::pending};
  std::atomic<std::uint32_t> references_{1};
  EventCount ready_events_;
};

// The result beside it: R, void, or a reference.
template <class R>
class ResultState : public FutureState {
 public:
  // To be called once, when ready. Throws what the task threw, or what came instead.
  R take() {
    if (error() != nullptr) std::rethrow_exception(error());
    if constexpr (std::is_reference_v<R>) {
      return static_cast<R>(**result_);
    } else if constexpr (!std::is_void_v<R>) {
      return std::move(*result_);
    }
  }

 protected:
  struct Nothing {};
  using Stored = std::conditional_t<
      std::is_void_v<R>, Nothing,
      std::conditional_t<std::is_reference_v<R>, std::add_pointer_t<std::remove_reference_t<R>>, R>>;
  std::optional<Stored> result_;
};

template <class R>
class Future {
 public:
  Future() noexcept = default;
  explicit Future(ResultState<R>& state) noexcept : state_(&state) { state.retain(); }
  Future(Future&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Future& operator=(Future&& other) noexcept {
    if (this != &other) {
      drop();
      state_ = std::exchange(other.state_, nullptr);
    }
    return *this;
  }
  ~Future() { drop(); }

  [[nodiscard]] bool valid() const noexcept { return state_ != nullptr; }
  // Whether get() would return, or throw, at once.
  [[nodiscard]] bool ready() const { return state().ready(); }

  // Waits; then the result, once, after which the future is no longer valid. Throws what the task threw, TimeoutError,
  // CancelledError, AbandonedError (RejectedError among them), or DeadlockError, after which it is still valid.
  R get() {
    state().wait_until(kNoDeadline);
    const Future last(std::move(*this));
    return last.state_->take();
  }
  void wait() const { state().wait_until(kNoDeadline); }
  // False if it is not ready by then.
  bool wait_until(Deadline limit) const { return state().wait_until(limit); }
  bool wait_for(std::chrono::nanoseconds time) const { return state().wait_until(deadline_in(time)); }

 private:
  [[nodiscard]] ResultState<R>& state() const {
    if (state_ == nullptr) throw std::future_error(std::future_errc::no_state);
    return *state_;
  }
  void drop() noexcept {
    if (state_ != nullptr) std::exchange(state_, nullptr)->release();
  }

  ResultState<R>* state_ = nullptr;
};

}  // namespace crosstalk::pool
