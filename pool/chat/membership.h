// Who is in which room: the data that the strategies guard. Neither class knows of locks or threads. All of it lies in the
// memory resource that the tables are made with, which outlives them.
//
// Invariant: client c is in room r's members exactly if r is in c's session's rooms.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <unordered_map>
#include <vector>

#include "pool/chat/chat_types.h"

namespace crosstalk::pool {

// Rooms by id, each with its members in a dense array (a post copies it) and their places in it (a leave finds one).
class RoomTable {
 public:
  struct Room {
    using allocator_type = std::pmr::polymorphic_allocator<>;
    explicit Room(const allocator_type& memory) : members(memory), place(memory) {}
    [[nodiscard]] const std::uint32_t* place_of(ClientId client) const {
      const auto found = place.find(client);
      return found == place.end() ? nullptr : &found->second;
    }

    std::pmr::vector<SessionRef> members;
    std::pmr::unordered_map<ClientId, std::uint32_t> place;  // of a client in `members`
  };

  explicit RoomTable(std::pmr::memory_resource* memory) : rooms_(memory) {}

  // False if the client is a member already. Amortised O(1).
  bool add(RoomId id, SessionRef session) {
    Room& room = rooms_[id];
    const auto place = static_cast<std::uint32_t>(room.members.size());
    if (!room.place.try_emplace(session.client, place).second) return false;
    room.members.push_back(session);
    return true;
  }

  // False if the client is no member. O(1): the last member takes the place of the one that leaves.
  bool remove(RoomId id, ClientId client) {
    const auto found = rooms_.find(id);
    if (found == rooms_.end()) return false;
    Room& room = found->second;
    const auto leaving = room.place.find(client);
    if (leaving == room.place.end()) return false;
    const std::uint32_t place = leaving->second;
    room.place.erase(leaving);
    const SessionRef last = room.members.back();
    room.members.pop_back();
    if (last.client != client) {
      room.members[place] = last;
      room.place[last.client] = place;
    }
    return true;
  }

  [[nodiscard]] const Room* find(RoomId id) const {
    const auto found = rooms_.find(id);
    return found == rooms_.end() ? nullptr : &found->second;
  }

  [[nodiscard]] bool contains(RoomId id, ClientId client) const {
    const Room* room = find(id);
    return room != nullptr && room->place.contains(client);
  }

  // Replaces `out` by the members of the room without `client`; false, and nothing, if `client` is no member.
  bool copy_others(RoomId id, ClientId client, std::pmr::vector<SessionRef>& out) const {
    const Room* room = find(id);
    const std::uint32_t* const place = room == nullptr ? nullptr : room->place_of(client);
    if (place == nullptr) {
      out.clear();
      return false;
    }
    out.resize(room->members.size() - 1);  // not cleared before: what is there is written over
    const auto mine = room->members.begin() + *place;
    std::copy(mine + 1, room->members.end(), std::copy(room->members.begin(), mine, out.begin()));
    return true;
  }

  [[nodiscard]] std::uint64_t memberships() const {
    std::uint64_t sum = 0;
    for (const auto& [id, room] : rooms_) sum += room.members.size();
    return sum;
  }

 private:
  std::pmr::unordered_map<RoomId, Room> rooms_;
};

// Sessions by client.
class SessionTable {
 public:
  struct Session {
    using allocator_type = std::pmr::polymorphic_allocator<>;
    Session(std::uint32_t number, const allocator_type& memory) : generation(number), rooms(memory) {}

    std::uint32_t generation;
    std::pmr::vector<RoomId> rooms;
  };

  explicit SessionTable(std::pmr::memory_resource* memory) : sessions_(memory) {}

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
