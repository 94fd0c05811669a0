// Arrivals that are conversations: which room each is in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "workloads/hawkes.h"

namespace crosstalk::workloads {

// Operation n of a lap belongs to the conversation that is the cluster of event n.
class Conversations {
 public:
  static constexpr std::uint32_t kRoomUnknown = 0xFFFF'FFFF;

  explicit Conversations(std::span<const HawkesEvent> events) : events_(events) {
    std::uint32_t clusters = 0;
    for (const HawkesEvent& event : events) clusters = std::max(clusters, event.cluster + 1);
    rooms_.assign(clusters, kRoomUnknown);
  }
  [[nodiscard]] bool empty() const noexcept { return events_.empty(); }
  void move_on(std::size_t operation) noexcept {
    if (!empty()) room_at(operation) = kRoomUnknown;
  }
  std::uint32_t& room_at(std::size_t operation) noexcept {
    return rooms_[events_[std::min(operation, events_.size() - 1)].cluster];
  }

 private:
  std::span<const HawkesEvent> events_;
  std::vector<std::uint32_t> rooms_;  // of each cluster
};

}  // namespace crosstalk::workloads
