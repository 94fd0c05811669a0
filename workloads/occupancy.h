// Who has a session and who is in which room, as a trace goes on: what every chat server must make of it.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/op.h"
#include "workloads/trace.h"

namespace crosstalk::workloads {

class Occupancy {
 public:
  Occupancy(std::uint32_t clients, std::uint32_t rooms)
      : connected_(clients), rooms_of_(clients), members_(rooms) {}
  // As it is at the start of the trace.
  explicit Occupancy(const Trace& trace);

  // Each returns whether it could be done; if not, nothing has changed. O(log of the client's rooms) to find,
  // O(rooms) to change.
  bool connect(std::uint32_t client);
  bool disconnect(std::uint32_t client);  // leaves every room
  bool join(std::uint32_t client, std::uint32_t room);
  bool leave(std::uint32_t client, std::uint32_t room);
  bool move(std::uint32_t client, std::uint32_t room, std::uint32_t target);

  // Any operation; those that change nothing are done if a server would accept them.
  bool apply(const Op& op);

  [[nodiscard]] bool is_connected(std::uint32_t client) const noexcept { return connected_[client] != 0; }
  [[nodiscard]] bool is_member(std::uint32_t client, std::uint32_t room) const noexcept;
  [[nodiscard]] std::uint32_t members(std::uint32_t room) const noexcept { return members_[room]; }

  friend bool operator==(const Occupancy&, const Occupancy&) = default;

 private:
  std::vector<std::uint8_t> connected_;
  std::vector<std::vector<std::uint32_t>> rooms_of_;  // of each client, ascending
  std::vector<std::uint32_t> members_;                // of each room
};

}  // namespace crosstalk::workloads
