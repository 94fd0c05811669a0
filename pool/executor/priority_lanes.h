// Four queues, one per priority, FIFO inside, of nodes that carry their own link. The highest non-empty one is served,
// but a lane that was passed over kPatience times in favour of higher ones comes first: low priority means late, not never.
//
// Bound: a lane with something in it is served after at most kPatience + kPriorities - 2 turns of other lanes (where several
// have run out of patience, the highest of them goes first). Not thread-safe: the pool guards it. Owns nothing.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "pool/executor/executor.h"

namespace crosstalk::pool {

// Nodes in a row, first in, first out. Node has a member `next`.
template <class Node>
class NodeList {
 public:
  void push(Node* node) noexcept {
    node->next = nullptr;
    (head_ == nullptr ? head_ : tail_->next) = node;
    tail_ = node;
  }
  // There must be one.
  Node* pop() noexcept { return std::exchange(head_, head_->next); }
  // Takes all of the other's, behind its own.
  void append(NodeList& other) noexcept {
    if (other.empty()) return;
    (head_ == nullptr ? head_ : tail_->next) = other.head_;
    tail_ = other.tail_;
    other.head_ = nullptr;
  }
  [[nodiscard]] bool empty() const noexcept { return head_ == nullptr; }
  [[nodiscard]] Node* front() const noexcept { return head_; }

 private:
  Node* head_ = nullptr;
  Node* tail_ = nullptr;  // the last one, while there is one
};

template <class Node>
using Lanes = std::array<NodeList<Node>, kPriorities>;

[[nodiscard]] constexpr std::uint32_t lane_bit(std::size_t lane) noexcept {
  return std::uint32_t{1} << lane;
}

template <class Node>
class PriorityLanes {
 public:
  static constexpr unsigned kPatience = 64;

  void push(Node* node, Priority priority) noexcept {
    const auto lane = static_cast<std::size_t>(priority);
    lanes_[lane].push(node);
    filled_ |= lane_bit(lane);
  }
  // Takes all of the others', each lane behind its own.
  void append(Lanes<Node>& others) noexcept {
    for (std::size_t lane = 0; lane < kPriorities; ++lane) {
      if (others[lane].empty()) continue;
      lanes_[lane].append(others[lane]);
      filled_ |= lane_bit(lane);
    }
  }

  // The lane whose turn it is; the others that are filled lose one of their patience. `filled`: the lanes to choose from, not
  // none: those of filled(), and more if something is on its way to them.
  std::size_t choose(std::uint32_t filled) noexcept {
    auto chosen = static_cast<std::size_t>(std::countr_zero(filled));
    std::uint32_t rest = filled & (filled - 1);
    if (rest == 0) {
      passed_over_[chosen] = 0;
      return chosen;
    }
    for (std::uint32_t lower = rest; lower != 0; lower &= lower - 1) {
      const auto lane = static_cast<std::size_t>(std::countr_zero(lower));
      if (passed_over_[lane] < kPatience) continue;
      chosen = lane;
      rest = lower & (lower - 1);
      break;
    }
    passed_over_[chosen] = 0;
    for (; rest != 0; rest &= rest - 1) ++passed_over_[static_cast<std::size_t>(std::countr_zero(rest))];
    return chosen;
  }
  // The first of a lane, which must not be empty.
  Node* pop(std::size_t lane) noexcept {
    Node* node = lanes_[lane].pop();
    if (lanes_[lane].empty()) filled_ &= ~lane_bit(lane);
    return node;
  }
  // The next one. There must be one.
  Node* pop() noexcept { return pop(choose(filled_)); }

  // The lowest lane that has something: where room is made, it is made there.
  [[nodiscard]] std::size_t lowest() const noexcept {
    return static_cast<std::size_t>(std::bit_width(filled_)) - 1;
  }
  [[nodiscard]] const Node* front(std::size_t lane) const noexcept { return lanes_[lane].front(); }
  [[nodiscard]] std::uint32_t filled() const noexcept { return filled_; }
  [[nodiscard]] bool empty() const noexcept { return filled_ == 0; }

 private:
  Lanes<Node> lanes_;
  std::uint32_t filled_ = 0;  // bit i: lane i has something
  std::array<std::uint32_t, kPriorities> passed_over_{};
};

}  // namespace crosstalk::pool
