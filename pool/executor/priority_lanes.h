// Four queues, one per priority, FIFO inside. The highest non-empty one is served, but a lower one that has been
// passed over kPatience times comes first: low priority means late, not never.
// Not thread-safe: the pool guards it.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <utility>

#include "pool/executor/executor.h"

namespace crosstalk::pool {

template <class T>
class PriorityLanes {
 public:
  static constexpr unsigned kPatience = 64;

  void push(T item, Priority priority) {
    lanes_[static_cast<std::size_t>(priority)].push_back(std::move(item));
    ++size_;
  }

  // The next item. There must be one.
  T pop() {
    std::size_t chosen = kPriorities;
    for (std::size_t lane = kPriorities; lane-- > 0;) {
      if (lanes_[lane].empty()) continue;
      chosen = lane;
      if (passed_over_[lane] >= kPatience) break;
    }
    for (std::size_t lane = chosen + 1; lane < kPriorities; ++lane) {
      if (!lanes_[lane].empty()) ++passed_over_[lane];
    }
    passed_over_[chosen] = 0;
    T item = std::move(lanes_[chosen].front());
    lanes_[chosen].pop_front();
    --size_;
    return item;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t depth(Priority priority) const noexcept {
    return lanes_[static_cast<std::size_t>(priority)].size();
  }

 private:
  std::array<std::deque<T>, kPriorities> lanes_;
  std::array<unsigned, kPriorities> passed_over_{};
  std::size_t size_ = 0;
};

}  // namespace crosstalk::pool
