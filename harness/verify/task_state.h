// What a task waits for and holds, on the page: a task of a pool is no thread of the case, and while it is queued no thread at all.
#pragma once

#include "harness/verify/page.h"

namespace crosstalk::harness::verify {

// Belongs to whoever handles the task: one thread at a time.
class TaskState {
 public:
  // More tasks than the page has places for share them, and an explanation may then miss some.
  explicit TaskState(Page& page) noexcept
      // relaxed: numbers only have to differ.
      : state_(page.task[page.tasks.fetch_add(1, std::memory_order_relaxed) % kTasksMost]) {
    clear();
  }
  ~TaskState() { clear(); }
  TaskState(const TaskState&) = delete;
  TaskState& operator=(const TaskState&) = delete;

  // `what`: a literal, what it does to get the object.
  void asks(const char* what, std::uint32_t object) noexcept {
    note(state_.asks, what);
    note(state_.object, object);
    note(state_.standing, Standing::asking);
  }
  void goes_on() noexcept { note(state_.standing, Standing::outside); }
  void holds(std::uint32_t object) noexcept { hold(state_, object); }
  void drops(std::uint32_t object) noexcept { drop(state_, object); }

 private:
  void clear() noexcept {
    note(state_.standing, Standing::outside);
    for (auto& held : state_.held) note(held, kNoObject);
  }

  MemberState& state_;
};

}  // namespace crosstalk::harness::verify
