// A task: something to run once. Move-only, so it may own what it needs; small ones live inside without allocation.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace crosstalk::pool {

class Task {
 public:
  static constexpr std::size_t kInline = 48;

  Task() noexcept = default;

  // Stores f; allocates only if f is larger than kInline or its move may throw.
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, Task> && std::invocable<std::remove_cvref_t<F>&>)
      Task(F&& f) {  // NOLINT(google-explicit-constructor): any callable is a task
    using Stored = std::remove_cvref_t<F>;
    if constexpr (sizeof(Stored) <= kInline && alignof(Stored) <= alignof(std::max_align_t) &&
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

  // Runs it. What it throws comes out.
  void operator()() { actions_->run(storage_); }

 private:
  struct Actions {
    void (*run)(void*);
    void (*move)(void* to, void* from) noexcept;  // leaves nothing behind
    void (*destroy)(void*) noexcept;
  };

  template <class F>
  static constexpr Actions kInlineActions{[](void* self) { (*static_cast<F*>(self))(); },
                                          [](void* to, void* from) noexcept {
                                            new (to) F(std::move(*static_cast<F*>(from)));
                                            static_cast<F*>(from)->~F();
                                          },
                                          [](void* self) noexcept { static_cast<F*>(self)->~F(); }};

  template <class F>
  static constexpr Actions kHeapActions{
      [](void* self) { (**static_cast<F**>(self))(); },
      [](void* to, void* from) noexcept { new (to) F*(*static_cast<F**>(from)); },
      [](void* self) noexcept { delete *static_cast<F**>(self); }};

  void take(Task& other) noexcept {
    actions_ = std::exchange(other.actions_, nullptr);
    if (actions_ != nullptr) actions_->move(storage_, other.storage_);
  }
  void reset() noexcept {
    if (actions_ != nullptr) std::exchange(actions_, nullptr)->destroy(storage_);
  }

  alignas(std::max_align_t) std::byte storage_[kInline];
  const Actions* actions_ = nullptr;
};

}  // namespace crosstalk::pool
