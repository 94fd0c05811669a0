// room_members: who is in one room, in a dense array (a post copies it), with the places in it by client (a leave finds one).
// It knows of no locks and no threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <unordered_map>
#include <vector>

#include "pool/chat/chat_types.h"

namespace crosstalk::pool {

// Makes place for one room more in what a session notes, so that noting it cannot fail once the client is in the room.
inline void make_place(std::pmr::vector<RoomId>& rooms) {
  if (rooms.size() == rooms.capacity()) rooms.reserve(std::max<std::size_t>(1, 2 * rooms.size()));
}

class RoomMembers {
 public:
  using allocator_type = std::pmr::polymorphic_allocator<>;
  explicit RoomMembers(const allocator_type& memory) : members_(memory), place_(memory) {}
  RoomMembers(const RoomMembers& other, const allocator_type& memory)
      : members_(other.members_, memory), place_(other.place_, memory) {}

  // False if the client is a member already. Amortised O(1). If it throws std::bad_alloc nothing has changed.
  bool add(SessionRef session) {
    const auto place = static_cast<std::uint32_t>(members_.size());
    members_.push_back(session);  // first: it is what can be taken back
    bool added = false;
    try {
      added = place_.try_emplace(session.client, place).second;
    } catch (...) {
      members_.pop_back();
      throw;
    }
    if (!added) members_.pop_back();
    return added;
  }

  // False if the client is no member. O(1): the last member takes the place of the one that leaves.
  bool remove(ClientId client) {
    const auto leaving = place_.find(client);
    if (leaving == place_.end()) return false;
    const std::uint32_t place = leaving->second;
    place_.erase(leaving);
    const SessionRef last = members_.back();
    members_.pop_back();
    if (last.client != client) {
      members_[place] = last;
      place_[last.client] = place;
    }
    return true;
  }

  [[nodiscard]] bool contains(ClientId client) const { return place_.contains(client); }
  [[nodiscard]] const std::pmr::vector<SessionRef>& all() const noexcept { return members_; }

  // Replaces `out` by the members without `client`; false, and nothing in `out`, if `client` is no member.
  bool copy_others(ClientId client, std::pmr::vector<SessionRef>& out) const {
    const auto found = place_.find(client);
    if (found == place_.end()) {
      out.clear();
      return false;
    }
    out.resize(members_.size() - 1);  // not cleared before: what is there is written over
    const auto mine = members_.begin() + found->second;
    std::copy(mine + 1, members_.end(), std::copy(members_.begin(), mine, out.begin()));
    return true;
  }

 private:
  std::pmr::vector<SessionRef> members_;
  std::pmr::unordered_map<ClientId, std::uint32_t> place_;  // of a client in members_
};

}  // namespace crosstalk::pool
