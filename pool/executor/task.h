// A task: something to run once. Move-only, so it may own what it needs; small ones live inside without allocation.
//
// Ownership: the task owns its callable. Progress: every operation is wait-free but for the callable's own code and, for
// large ones, the allocation. Errors: what the callable throws comes out of operator().
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace crosstalk::pool {

// What became of a task that ran, or that was found not worth running when its turn came.
enum class TaskOutcome : std::uint8_t { completed, failed, timed_out, cancelled };
inline constexpr std::size_t kTaskOutcomes = 4;

class Task {
 public:
  static constexpr std::size_t kInline = 48;

  Task() noexcept = default;

  // Stores f; allocates only if f is larger than kInline, wants more than a pointer's alignment, or its move may throw.
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, Task> && std::invocable<std::remove_cvref_t<F>&>)
      Task(F&& f) {  // NOLINT(google-explicit-constructor): any callable is a task
    using Stored = std::remove_cvref_t<F>;
    if constexpr (sizeof(Stored) <= kInline && alignof(Stored) <= alignof(void*) &&
                  std::is_nothrow_move_constructible_v<Stored>) {
      new (storage_) Stored(std::forward<F>(f));
      actions_ = &kInlineActions<Stored>;
    } else {
      new (storage_) Stored*(new Stored(std::forward<F>(f)));
      actions_ = &kHeapActions<Stored>;
    }
  }

  Task(Task&& other) noexcept { take(other); }
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  ~Task() { reset(); }

  explicit operator bool() const noexcept { return actions_ != nullptr; }

  // Runs it. What it throws comes out. A callable that returns an TaskOutcome knows best; any other one has completed.
  TaskOutcome operator()() { return actions_->run(storage_); }

  // Destroys the callable.
  void reset() noexcept {
    if (actions_ != nullptr) std::exchange(actions_, nullptr)->destroy(storage_);
  }

 private:
  struct Actions {
    TaskOutcome (*run)(void*);
    void (*move)(void* to, void* from) noexcept;  // leaves nothing behind
    void (*destroy)(void*) noexcept;
  };

  template <class F>
  static TaskOutcome call(F& f) {
    if constexpr (std::is_same_v<std::invoke_result_t<F&>, TaskOutcome>) {
      return f();
    } else {
      static_cast<void>(f());
      return TaskOutcome::completed;
    }
  }

  template <class F>
  static constexpr Actions kInlineActions{[](void* self) { return call(*static_cast<F*>(self)); },
                                          [](void* to, void* from) noexcept {
                                            new (to) F(std::move(*static_cast<F*>(from)));
                                            static_cast<F*>(from)->~F();
                                          },
                                          [](void* self) noexcept { static_cast<F*>(self)->~F(); }};

  template <class F>
  static constexpr Actions kHeapActions{
      [](void* self) { return call(**static_cast<F**>(self)); },
      [](void* to, void* from) noexcept { new (to) F*(*static_cast<F**>(from)); },
      [](void* self) noexcept { delete *static_cast<F**>(self); }};

  void take(Task& other) noexcept {
    actions_ = std::exchange(other.actions_, nullptr);
    if (actions_ != nullptr) actions_->move(storage_, other.storage_);
  }

  const Actions* actions_ =
      nullptr;  // first, so that a small task is on one cache line with what precedes it
  alignas(void*) std::byte storage_[kInline];
};

}  // namespace crosstalk::pool
