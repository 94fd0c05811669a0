// A gate that tasks and callbacks wait at.
#pragma once

#include <atomic>
#include <cstdint>

#include "harness/verify/page.h"

namespace crosstalk::harness::verify {

class TaskGate {
 public:
  void wait() {
    raise(waiting_);
    waiting_.notify_all();
    // acquire: pairs with the release in open().
    open_.wait(false, std::memory_order_acquire);
  }
  void open() {
    // release: pairs with the acquire in wait().
    open_.store(true, std::memory_order_release);
    open_.notify_all();
  }
  [[nodiscard]] std::uint32_t waiting() const noexcept { return look(waiting_); }
  // Returns when so many wait.
  void await(std::uint32_t count) {
    // relaxed: only the number counts.
    for (std::uint32_t seen = look(waiting_); seen < count; seen = look(waiting_))
      waiting_.wait(seen, std::memory_order_relaxed);
  }

 private:
  std::atomic<bool> open_{false};
  std::atomic<std::uint32_t> waiting_{0};  // relaxed: only the number counts
};

}  // namespace crosstalk::harness::verify
