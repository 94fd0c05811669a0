// actor/mailbox: every room and every client's session is an actor: a value behind a mailbox (sync/mailbox.h) of its own, which
// only whoever runs the mailbox touches. Callers ask, and have the answer when a call returns; there are no threads of the
// server's own: who finds a mailbox idle runs it.
//
//   post, who, history, upload            ask the room
//   presence                              asks the session; direct asks the sender's, then the target's
//   connect                               asks the session
//   join, leave, kick, end of a session   ask the session, whose request asks the room, of an end each room in turn
//   move                                  asks the session, whose request asks the room of the lower number, whose request
//                                         asks the other room: while the innermost one runs, all three stand still, so
//                                         that the client is in exactly one of the rooms for whoever asks
//
// Order of the mailboxes: sessions, then rooms by number. A request asks only mailboxes that come after its own, and one at a
// time, so nobody waits in a circle (mailbox.h), and a session's request never asks another session.
//
// The reach law: a post's copy of the members and its number are one request to the room, a join or leave is another, and
// they run one after the other. Invariant: client c is a member of room r exactly if r is in c's session's rooms, whenever c's
// mailbox is idle.
//
// Progress: blocking, but every call ends after finitely many others (mailbox.h); any number of threads. Costs: a runner
// answers up to Mailbox::kMostForOthers requests of others before it goes on, and writes their recipients into their memory;
// a post copies the members while the room stands still; who waits long is woken by a system call of the runner's.
// Errors: std::bad_alloc, to who asked. Fan-out runs outside of the mailboxes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "pool/cache_line.h"
#include "pool/chat/chat_types.h"
#include "pool/chat/membership_server.h"
#include "pool/chat/room_members.h"
#include "pool/containers/fixed_array.h"
#include "pool/sync/mailbox.h"

namespace crosstalk::pool {

class ActorMembership {
 public:
  explicit ActorMembership(PlainChatCore& core)
      : core_(core),
        rooms_(core.memory(), core.options().rooms, core.memory()),
        sessions_(core.memory(), core.options().clients, core.memory()) {}

  void opened(SessionRef session) {
    sessions_[session.client].ask([&](Session& self) {
      self.generation = session.generation;
      return self.connected = true;
    });
  }
  void ended(ClientId client) {
    sessions_[client].ask([&](Session& self) {
      for (const RoomId room : self.rooms) {
        rooms_[room].ask([&](RoomMembers& members) { return members.remove(client); });
      }
      self.rooms.clear();
      return self.connected = false;
    });
  }

  Outcome join(ClientId client, RoomId room) {
    return with_session(client, [&](Session& self) {
      const SessionRef session{client, self.generation};
      make_place(self.rooms);
      const bool added = rooms_[room].ask([&](RoomMembers& members) { return members.add(session); });
      if (!added) return Outcome::already_member;
      self.rooms.push_back(room);
      return Outcome::ok;
    });
  }
  Outcome kick(ClientId client, ClientId by, RoomId room) {
    return with_session(client, [&](Session& self) {
      const Outcome outcome = rooms_[room].ask([&](RoomMembers& members) {
        if (by != client && !members.contains(by)) return Outcome::not_permitted;
        return members.remove(client) ? Outcome::ok : Outcome::not_member;
      });
      if (outcome == Outcome::ok) std::erase(self.rooms, room);
      return outcome;
    });
  }
  Outcome move(ClientId client, RoomId from, RoomId to) {
    return with_session(client, [&](Session& self) {
      const SessionRef session{client, self.generation};
      const Outcome outcome = with_two(from, to, [&](RoomMembers& leaving, RoomMembers& joining) {
        if (!leaving.contains(client)) return Outcome::not_member;
        if (!joining.add(session)) return Outcome::already_member;
        leaving.remove(client);
        return Outcome::ok;
      });
      if (outcome == Outcome::ok) std::replace(self.rooms.begin(), self.rooms.end(), from, to);
      return outcome;
    });
  }

  Outcome number(ClientId client, RoomId room, Recipients& recipients, std::uint64_t& sequence) {
    return rooms_[room].ask([&](const RoomMembers& members) {
      if (!members.copy_others(client, recipients)) return Outcome::not_member;
      sequence = core_.channel(room).next_sequence();
      return Outcome::ok;
    });
  }
  Outcome address(ClientId client, ClientId target, SessionRef& recipient) {
    if (!connected(client)) return Outcome::not_connected;
    return sessions_[target].ask([&](const Session& other) {
      if (!other.connected) return Outcome::no_such_client;
      recipient = {target, other.generation};
      return Outcome::ok;
    });
  }

  [[nodiscard]] bool connected(ClientId client) const {
    return sessions_[client].ask([](const Session& self) { return self.connected; });
  }
  [[nodiscard]] bool contains(RoomId room, ClientId client) const {
    return rooms_[room].ask([&](const RoomMembers& members) { return members.contains(client); });
  }
  void copy_members(RoomId room, Recipients& out) const {
    rooms_[room].ask([&](const RoomMembers& members) {
      out = members.all();
      return true;
    });
  }

  [[nodiscard]] std::uint64_t memberships() const {
    std::uint64_t sum = 0;
    for (RoomId room = 0; room < rooms_.size(); ++room) {
      sum += rooms_[room].ask([](const RoomMembers& members) { return members.all().size(); });
    }
    return sum;
  }
  [[nodiscard]] std::uint64_t sessions() const {
    std::uint64_t sum = 0;
    for (ClientId client = 0; client < sessions_.size(); ++client) sum += connected(client) ? 1U : 0U;
    return sum;
  }

 private:
  struct Session {
    explicit Session(std::pmr::memory_resource* memory) : rooms(memory) {}

    std::uint32_t generation = 0;
    bool connected = false;
    std::pmr::vector<RoomId> rooms;
  };
  // Cache lines of their own: whoever asks writes to the mailbox.
  struct alignas(kCacheLine) Room : Mailbox<RoomMembers> {
    using Mailbox::Mailbox;
  };
  struct alignas(64) Client : Mailbox<Session> {
    using Mailbox::Mailbox;
  };

  template <class F>
  Outcome with_session(ClientId client, F&& f) {
    return sessions_[client].ask(
        [&](Session& self) { return self.connected ? f(self) : Outcome::not_connected; });
  }
  // f(members of a, members of b), in the order of the mailboxes.
  template <class F>
  Outcome with_two(RoomId a, RoomId b, F&& f) {
    return rooms_[std::min(a, b)].ask([&](RoomMembers& low) {
      if (a == b) return f(low, low);
      return rooms_[std::max(a, b)].ask(
          [&](RoomMembers& high) { return a < b ? f(low, high) : f(high, low); });
    });
  }

  PlainChatCore& core_;
  mutable FixedArray<Room> rooms_;
  mutable FixedArray<Client> sessions_;
};

using ActorServer = MembershipServer<ActorMembership>;

}  // namespace crosstalk::pool
