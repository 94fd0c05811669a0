// map/<map>: rooms and sessions in two concurrent maps of any kind (containers/map_concept.h): room -> members, client ->
// session. What is done to one entry is atomic because the map says so; what touches two entries goes by this protocol:
//
//   join, leave, kick, move, end of a session    inside modify(client) of the session map, and there, one room after the
//                                                other, modify(room) of the room map
//   post, who, history, upload                   visit(room) alone
//   direct, presence                             visit(client) alone, one client after the other
//
// No closure calls its own map, and no closure of the room map calls anything: so no thread that holds (part of) the room map
// waits, none that holds the session map waits but for the room map, and there is no deadlock, however much a map locks.
//
// What the laws need. The reach law is about one room: a post copies the members and takes its number inside one visit of
// the room, a join or leave changes them inside one modify, and these exclude each other; so each post is numbered before the
// whole of it or after. Invariant: client c is among the members of room r exactly if r is in c's session's rooms, whenever
// nobody is inside modify(c). Kicks by others and the end of the session exclude each other and the client's own calls there.
// A session that has ended is marked inside modify() before it is erased: whoever finds it in between finds nobody.
//
// move is two steps: the client joins `to`, then leaves `from`. Both stay its session's affair, so it fails as a whole or
// succeeds as a whole; but who looks into both rooms meanwhile may find it in both (never in neither). No law needs more: a
// map that locks one entry at a time could give it only with a lock beside the map.
//
// Progress: that of the maps. Errors: std::bad_alloc. Memory: what the maps store comes from ServerOptions::memory, the maps
// themselves from where they like. Rooms come into being with their first member, and stay.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <utility>
#include <vector>

#include "pool/chat/chat_types.h"
#include "pool/chat/membership_server.h"
#include "pool/chat/room_members.h"
#include "pool/containers/map_concept.h"
#include "pool/memory_ptr.h"

namespace crosstalk::pool {

// Map<K, V> is an EntryMap of K to V.
template <template <class, class> class Map>
class MapMembership {
 public:
  explicit MapMembership(PlainChatCore& core)
      : core_(core),
        rooms_(MapOptions{.keys = core.options().rooms, .stripes = core.options().shards}),
        sessions_(MapOptions{.keys = core.options().clients, .stripes = core.options().shards}) {}

  void opened(SessionRef session) {
    sessions_.insert(session.client, make_in<Session>(core_.memory(), session.generation, core_.memory()));
  }
  void ended(ClientId client) {
    sessions_.modify(client, [&](SessionPtr& session) {
      for (const RoomId room : session->rooms) take_out(client, client, room);
      session->rooms.clear();
      session->ended = true;
    });
    sessions_.erase(client);
  }

  Outcome join(ClientId client, RoomId room) {
    return with_session(client, [&](Session& session) {
      make_place(session.rooms);
      const Outcome outcome = put_in({client, session.generation}, room);
      if (outcome == Outcome::ok) session.rooms.push_back(room);
      return outcome;
    });
  }
  Outcome kick(ClientId client, ClientId by, RoomId room) {
    return with_session(client, [&](Session& session) {
      const Outcome outcome = take_out(client, by, room);
      if (outcome == Outcome::ok) std::erase(session.rooms, room);
      return outcome;
    });
  }
  Outcome move(ClientId client, RoomId from, RoomId to) {
    return with_session(client, [&](Session& session) {
      const auto place = std::find(session.rooms.begin(), session.rooms.end(), from);
      if (place == session.rooms.end()) return Outcome::not_member;
      const Outcome outcome = put_in({client, session.generation}, to);
      if (outcome != Outcome::ok) return outcome;
      take_out(client, client, from);
      *place = to;
      return outcome;
    });
  }

  Outcome number(ClientId client, RoomId room, Recipients& recipients, std::uint64_t& sequence) {
    Outcome outcome = Outcome::not_member;
    rooms_.visit(room, [&](const RoomPtr& members) {
      if (!std::as_const(*members).copy_others(client, recipients)) return;
      sequence = core_.channel(room).next_sequence();
      outcome = Outcome::ok;
    });
    return outcome;
  }
  Outcome address(ClientId client, ClientId target, SessionRef& recipient) {
    if (!connected(client)) return Outcome::not_connected;
    Outcome outcome = Outcome::no_such_client;
    sessions_.visit(target, [&](const SessionPtr& session) {
      if (session->ended) return;
      recipient = {target, session->generation};
      outcome = Outcome::ok;
    });
    return outcome;
  }

  [[nodiscard]] bool connected(ClientId client) const {
    bool there = false;
    sessions_.visit(client, [&](const SessionPtr& session) { there = !session->ended; });
    return there;
  }
  [[nodiscard]] bool contains(RoomId room, ClientId client) const {
    bool there = false;
    rooms_.visit(room, [&](const RoomPtr& members) { there = std::as_const(*members).contains(client); });
    return there;
  }
  void copy_members(RoomId room, Recipients& out) const {
    out.clear();
    rooms_.visit(room, [&](const RoomPtr& members) { out = std::as_const(*members).all(); });
  }

  [[nodiscard]] std::uint64_t memberships() const {
    std::uint64_t sum = 0;
    for (RoomId room = 0; room < core_.options().rooms; ++room) {
      rooms_.visit(room, [&](const RoomPtr& members) { sum += std::as_const(*members).all().size(); });
    }
    return sum;
  }
  [[nodiscard]] std::uint64_t sessions() const {
    std::uint64_t sum = 0;
    for (ClientId client = 0; client < core_.options().clients; ++client) sum += connected(client) ? 1U : 0U;
    return sum;
  }

 private:
  struct Session {
    Session(std::uint32_t number, std::pmr::memory_resource* memory) : generation(number), rooms(memory) {}

    std::uint32_t generation;
    bool ended = false;  // and about to be erased
    std::pmr::vector<RoomId> rooms;
  };
  // Pointers, since maps move their values about.
  using SessionPtr = MemoryPtr<Session>;
  using RoomPtr = MemoryPtr<RoomMembers>;
  using Rooms = Map<RoomId, RoomPtr>;
  using Sessions = Map<ClientId, SessionPtr>;
  static_assert(EntryMap<Rooms> && EntryMap<Sessions>);

  template <class F>
  Outcome with_session(ClientId client, F&& f) {
    Outcome outcome = Outcome::not_connected;
    sessions_.modify(client, [&](SessionPtr& session) {
      if (!session->ended) outcome = f(*session);
    });
    return outcome;
  }

  // Inside modify() of the client's session, as take_out().
  Outcome put_in(SessionRef session, RoomId room) {
    Outcome outcome = Outcome::already_member;
    const auto add = [&](RoomPtr& members) {
      if (members->add(session)) outcome = Outcome::ok;
    };
    if (!rooms_.modify(room, add)) {
      rooms_.insert(room, make_in<RoomMembers>(core_.memory(), core_.memory()));  // or another thread does
      rooms_.modify(room, add);
    }
    return outcome;
  }
  Outcome take_out(ClientId client, ClientId by, RoomId room) {
    Outcome outcome = by == client ? Outcome::not_member : Outcome::not_permitted;
    rooms_.modify(room, [&](RoomPtr& members) {
      if (by != client && !members->contains(by)) return;
      outcome = members->remove(client) ? Outcome::ok : Outcome::not_member;
    });
    return outcome;
  }

  PlainChatCore& core_;
  Rooms rooms_;
  Sessions sessions_;
};

template <template <class, class> class Map>
using MapServer = MembershipServer<MapMembership<Map>>;

}  // namespace crosstalk::pool
