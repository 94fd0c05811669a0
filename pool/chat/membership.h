// Who is in which room: the data that the strategies guard. Neither class knows of locks or threads. All of it lies in the
// memory resource that the tables are made with, which outlives them; a copy of a table lies in the same one.
//
// Invariant: client c is in room r's members exactly if r is in c's session's rooms.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <unordered_map>
#include <vector>

#include "pool/chat/chat_types.h"
#include "pool/chat/room_members.h"

namespace crosstalk::pool {

// Rooms by id.
class RoomTable {
 public:
  explicit RoomTable(std::pmr::memory_resource* memory) : rooms_(memory) {}
  RoomTable(const RoomTable& other) : rooms_(other.rooms_, other.rooms_.get_allocator()) {}
  RoomTable& operator=(const RoomTable&) = delete;

  // False if the client is a member already. Amortised O(1).
  bool add(RoomId id, SessionRef session) { return rooms_[id].add(session); }

  // False if the client is no member. O(1).
  bool remove(RoomId id, ClientId client) {
    const auto found = rooms_.find(id);
    return found != rooms_.end() && found->second.remove(client);
  }

  [[nodiscard]] const RoomMembers* find(RoomId id) const {
    const auto found = rooms_.find(id);
    return found == rooms_.end() ? nullptr : &found->second;
  }

  [[nodiscard]] bool contains(RoomId id, ClientId client) const {
    const RoomMembers* room = find(id);
    return room != nullptr && room->contains(client);
  }

  // Replaces `out` by the members of the room without `client`; false, and nothing, if `client` is no member.
  bool copy_others(RoomId id, ClientId client, std::pmr::vector<SessionRef>& out) const {
    const RoomMembers* room = find(id);
    if (room != nullptr) return room->copy_others(client, out);
    out.clear();
    return false;
  }

  [[nodiscard]] std::uint64_t memberships() const {
    std::uint64_t sum = 0;
    for (const auto& [id, room] : rooms_) sum += room.all().size();
    return sum;
  }

 private:
  std::pmr::unordered_map<RoomId, RoomMembers> rooms_;
};

// Sessions by client.
class SessionTable {
 public:
  struct Session {
    using allocator_type = std::pmr::polymorphic_allocator<>;
    Session(std::uint32_t number, const allocator_type& memory) : generation(number), rooms(memory) {}
    Session(const Session& other, const allocator_type& memory)
        : generation(other.generation), rooms(other.rooms, memory) {}

    std::uint32_t generation;
    std::pmr::vector<RoomId> rooms;
  };

  explicit SessionTable(std::pmr::memory_resource* memory) : sessions_(memory) {}
  SessionTable(const SessionTable& other) : sessions_(other.sessions_, other.sessions_.get_allocator()) {}
  SessionTable& operator=(const SessionTable&) = delete;

  // False if the client has a session already.
  bool add(SessionRef session) { return sessions_.try_emplace(session.client, session.generation).second; }

  void remove(ClientId client) { sessions_.erase(client); }

  [[nodiscard]] Session* find(ClientId client) {
    const auto found = sessions_.find(client);
    return found == sessions_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] const Session* find(ClientId client) const {
    const auto found = sessions_.find(client);
    return found == sessions_.end() ? nullptr : &found->second;
  }

  [[nodiscard]] std::uint64_t size() const noexcept { return sessions_.size(); }

 private:
  std::pmr::unordered_map<ClientId, Session> sessions_;
};

}  // namespace crosstalk::pool
