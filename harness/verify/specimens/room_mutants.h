// Rooms whose locks are taken in an order of somebody's own: the constructor says which.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "harness/verify/service_cases.h"

namespace crosstalk::harness::verify {

// M11: a transfer locks its rooms in the order of its arguments. D13: it does so under one lock for all transfers.
enum class RoomOrder : std::uint8_t { ascending, m11_arguments, d13_gate };

// Mutex: std::mutex, or one whose order is watched.
template <class Mutex>
class M11Rooms final : public RoomsOnTrial {
 public:
  M11Rooms(unsigned rooms, RoomOrder order) : order_(order), rooms_(rooms) {}
  void transfer(unsigned from, unsigned to) override {
    std::unique_lock gate(gate_, std::defer_lock);
    if (order_ == RoomOrder::d13_gate) gate.lock();
    const bool turned = order_ == RoomOrder::ascending && to < from;
    const std::lock_guard first(rooms_[turned ? to : from].mutex);
    const std::lock_guard second(rooms_[turned ? from : to].mutex);
    ++rooms_[to].members;
    --rooms_[from].members;
  }

 private:
  struct Room {
    Mutex mutex;  // guards the count
    int members = 0;
  };
  const RoomOrder order_;
  Mutex gate_;  // where it is used, all rooms are locked under it
  std::vector<Room> rooms_;
};

}  // namespace crosstalk::harness::verify
