// Which client of a driver receives next, and when. Deliveries pile up in inboxes at the rate of the posts; a driver
// lets one of its clients after the other take what waits, once per `kShare` deliveries that its own posts caused. Over
// all drivers a client then finds about kShare deliveries, so the mean backlog stays near 64. The order depends on the
// operations alone, never on time, so one driver always does the same.
#pragma once

#include <cstdint>

namespace crosstalk::harness {

class ReceiveTurn {
 public:
  static constexpr std::uint64_t kShare = 128;  // an inbox fills from 0 to this: 64 on average

  // The driver's clients are first, first + stride, ... below `clients`.
  ReceiveTurn(std::uint32_t first, std::uint32_t stride, std::uint32_t clients) noexcept
      : first_(first), next_(first), stride_(stride), clients_(clients) {}

  void posted(std::uint64_t deliveries) noexcept { credit_ += deliveries; }
  [[nodiscard]] bool due() const noexcept { return credit_ >= kShare && first_ < clients_; }
  // The client whose turn it is.
  std::uint32_t take() noexcept {
    credit_ -= kShare;
    const std::uint32_t client = next_;
    next_ = clients_ - next_ > stride_ ? next_ + stride_ : first_;
    return client;
  }

 private:
  std::uint32_t first_;
  std::uint32_t next_;
  std::uint32_t stride_;
  std::uint32_t clients_;
  std::uint64_t credit_ = 0;
};

}  // namespace crosstalk::harness
