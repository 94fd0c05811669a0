#include "workloads/occupancy.h"

#include <algorithm>

namespace crosstalk::workloads {

Occupancy::Occupancy(const Trace& trace) : Occupancy(trace.clients, trace.rooms) {
  for (const std::uint32_t client : trace.connected) connect(client);
  for (const Membership& member : trace.members) join(member.client, member.room);
}

bool Occupancy::connect(std::uint32_t client) {
  if (is_connected(client)) return false;
  connected_[client] = 1;
  return true;
}

bool Occupancy::disconnect(std::uint32_t client) {
  if (!is_connected(client)) return false;
  connected_[client] = 0;
  for (const std::uint32_t room : rooms_of_[client]) --members_[room];
  rooms_of_[client].clear();
  return true;
}

bool Occupancy::join(std::uint32_t client, std::uint32_t room) {
  auto& rooms = rooms_of_[client];
  const auto place = std::lower_bound(rooms.begin(), rooms.end(), room);
  if (!is_connected(client) || (place != rooms.end() && *place == room)) return false;
  rooms.insert(place, room);
  ++members_[room];
  return true;
}

bool Occupancy::leave(std::uint32_t client, std::uint32_t room) {
  auto& rooms = rooms_of_[client];
  const auto place = std::lower_bound(rooms.begin(), rooms.end(), room);
  if (place == rooms.end() || *place != room) return false;
  rooms.erase(place);
  --members_[room];
  return true;
}

bool Occupancy::move(std::uint32_t client, std::uint32_t room, std::uint32_t target) {
  if (!is_member(client, room) || is_member(client, target)) return false;
  return leave(client, room) && join(client, target);
}

bool Occupancy::apply(const Op& op) {
  switch (op.kind) {
    case OpKind::connect:
      return connect(op.client);
    case OpKind::disconnect:
      return disconnect(op.client);
    case OpKind::join:
      return join(op.client, op.room);
    case OpKind::leave:
      return leave(op.client, op.room);
    case OpKind::move:
      return move(op.client, op.room, op.target);
    case OpKind::kick:
      return is_member(op.target, op.room) && leave(op.client, op.room);
    case OpKind::post:
    case OpKind::history:
    case OpKind::upload:
      return is_member(op.client, op.room);
    case OpKind::direct:
      return is_connected(op.client) && is_connected(op.target);
    case OpKind::who:
    case OpKind::presence:
    case OpKind::receive:
    case OpKind::mark:
      return is_connected(op.client);
    case OpKind::persist:
      return false;
  }
  return false;
}

bool Occupancy::is_member(std::uint32_t client, std::uint32_t room) const noexcept {
  const auto& rooms = rooms_of_[client];
  return std::binary_search(rooms.begin(), rooms.end(), room);
}

}  // namespace crosstalk::workloads
