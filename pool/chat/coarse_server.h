// coarse/<mechanism>: all rooms and sessions in one cell, behind one lock for instance. The simplest server that is right, and
// the one in which a mechanism shows most.
//
// Closures write nothing but the cell's data and what the caller lends, which they may do twice; a post takes its number in the
// read that finds who gets it, so a member whose join has returned gets every later number (cell.h).
//
// Errors: those of M: where it copies, a session that ends while no memory can be had stays in its rooms until the client's
// next one begins.
// Progress: that of M; join, leave, move, connect, disconnect are exclusive, post, direct, who, presence, history
// shared where M can share. Fan-out runs after the cell is left.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory_resource>

#include "pool/cell.h"
#include "pool/chat/chat_core.h"
#include "pool/chat/chat_types.h"
#include "pool/chat/membership.h"
#include "pool/chat/server_sessions.h"
#include "pool/guarded.h"

namespace crosstalk::pool {

template <Mechanism M, LockProbe Probe = NoProbe>
class CoarseServer {
 public:
  explicit CoarseServer(const ServerOptions& options)
      : core_(options),
        directory_(core_.memory()),
        stays_(
            options, [this](SessionRef session) { opened(session); },
            [this](ClientId client) { ended(client); }) {
    core_.on_overflow([this](SessionRef session) { stays_.registry().end(session, EndReason::overflowed); });
  }

  ~CoarseServer() { core_.settle_deliveries(); }

  Caller make_caller() { return core_.make_caller(); }

  Outcome connect(Caller&, ClientId client) { return stays_.connect(client); }
  // Leaves every room and discards what waits in the inbox.
  Outcome disconnect(Caller&, ClientId client) { return stays_.disconnect(client); }

  Outcome join(Caller&, ClientId client, RoomId room) {
    stays_.heard(client);
    return directory_.write([&](Directory& all) {
      SessionTable::Session* session = all.sessions.find(client);
      if (session == nullptr) return Outcome::not_connected;
      make_place(session->rooms);
      if (!all.rooms.add(room, {client, session->generation})) return Outcome::already_member;
      session->rooms.push_back(room);
      return Outcome::ok;
    });
  }

  Outcome leave(Caller& caller, ClientId client, RoomId room) { return kick(caller, client, client, room); }

  Outcome kick(Caller&, ClientId client, ClientId by, RoomId room) {
    stays_.heard(by);
    return directory_.write([&](Directory& all) {
      SessionTable::Session* session = all.sessions.find(client);
      if (session == nullptr) return Outcome::not_connected;
      if (by != client && !all.rooms.contains(room, by)) return Outcome::not_permitted;
      if (!all.rooms.remove(room, client)) return Outcome::not_member;
      std::erase(session->rooms, room);
      return Outcome::ok;
    });
  }

  // Leaves `from` and joins `to` in one step: no post sees the client in both rooms or in neither.
  Outcome move(Caller&, ClientId client, RoomId from, RoomId to) {
    stays_.heard(client);
    return directory_.write([&](Directory& all) {
      SessionTable::Session* session = all.sessions.find(client);
      if (session == nullptr) return Outcome::not_connected;
      if (!all.rooms.contains(from, client)) return Outcome::not_member;
      if (!all.rooms.add(to, {client, session->generation})) return Outcome::already_member;
      all.rooms.remove(from, client);
      std::erase(session->rooms, from);
      session->rooms.push_back(to);
      return Outcome::ok;
    });
  }

  PostResult post(Caller& caller, ClientId client, RoomId room, std::uint64_t tag, std::uint32_t bytes,
                  const PostWatch& watch = {}) {
    stays_.heard(client);
    Message* message = caller.writer.write(room, client, tag, bytes);
    const Outcome outcome = directory_.read([&](const Directory& all) {
      if (!all.rooms.copy_others(room, client, caller.recipients)) return Outcome::not_member;
      message->sequence = core_.channel(room).next_sequence();
      return Outcome::ok;
    });
    if (outcome != Outcome::ok) return {.outcome = outcome};
    core_.fan_out(caller, message, watch);
    return {outcome, message->sequence, static_cast<std::uint32_t>(caller.recipients.size())};
  }

  PostResult direct(Caller& caller, ClientId client, ClientId target, std::uint64_t tag, std::uint32_t bytes,
                    const PostWatch& watch = {}) {
    stays_.heard(client);
    caller.recipients.clear();
    const Outcome outcome = directory_.read([&](const Directory& all) {
      if (all.sessions.find(client) == nullptr) return Outcome::not_connected;
      const SessionTable::Session* receiver = all.sessions.find(target);
      if (receiver == nullptr) return Outcome::no_such_client;
      caller.recipients.push_back({target, receiver->generation});
      return Outcome::ok;
    });
    if (outcome != Outcome::ok) return {.outcome = outcome};
    core_.fan_out(caller, caller.writer.write(kNoRoom, client, tag, bytes), watch);
    return {.outcome = outcome, .recipients = 1};
  }

  // Up to `count` of the newest messages of a room the client is in.
  template <class Visit>
  Outcome history(Caller& caller, ClientId client, RoomId room, std::uint32_t count, Visit&& visit) {
    stays_.heard(client);
    const bool member =
        directory_.read([&](const Directory& all) { return all.rooms.contains(room, client); });
    return member ? core_.history(caller, room, count, visit) : Outcome::not_member;
  }

  // Copies the room's members into caller.recipients, in no particular order.
  Outcome who(Caller& caller, RoomId room) {
    caller.recipients.clear();
    directory_.read([&](const Directory& all) {
      const RoomMembers* found = all.rooms.find(room);
      if (found != nullptr) caller.recipients = found->all();
      return 0;
    });
    return Outcome::ok;
  }

  [[nodiscard]] bool presence(Caller&, ClientId target) {
    return directory_.read([&](const Directory& all) { return all.sessions.find(target) != nullptr; });
  }

  template <class Visit>
  std::size_t receive(Caller& caller, ClientId client, Visit&& visit) {
    stays_.heard(client);
    return core_.receive(caller, client, visit);
  }

  Outcome mark(Caller&, RoomId room) {
    core_.mark(room);
    return Outcome::ok;
  }

  // Keeps a file of `bytes` bytes that a member uploads to the room.
  Outcome upload(Caller&, ClientId client, RoomId room, std::uint64_t tag, std::uint32_t bytes) {
    stays_.heard(client);
    const bool member =
        directory_.read([&](const Directory& all) { return all.rooms.contains(room, client); });
    return member ? core_.upload(room, tag, bytes) : Outcome::not_member;
  }

  // Returns once every delivery is in its inbox and every post stored, of the posts that returned before.
  void settle() { core_.settle(); }

  [[nodiscard]] std::uint64_t sequence(RoomId room) const noexcept { return core_.sequence(room); }

  // Sums over the whole server; exact once it has settled and nobody calls it any more.
  [[nodiscard]] InboxTotals inbox_totals() const { return core_.inbox_totals(); }
  [[nodiscard]] std::uint64_t sequence_sum() const { return core_.sequence_sum(); }
  [[nodiscard]] std::uint64_t unread_sum() const { return core_.unread_sum(); }
  [[nodiscard]] std::uint64_t memberships() const {
    return directory_.read([](const Directory& all) { return all.rooms.memberships(); });
  }
  // Who is connected, and the means to end a session from outside.
  [[nodiscard]] SessionRegistry& registry() noexcept { return stays_.registry(); }
  [[nodiscard]] std::uint64_t sessions() const {
    return directory_.read([](const Directory& all) { return all.sessions.size(); });
  }

 private:
  struct Directory {
    explicit Directory(std::pmr::memory_resource* memory) : rooms(memory), sessions(memory) {}

    RoomTable rooms;
    SessionTable sessions;
  };

  void opened(SessionRef session) {
    directory_.write([&](Directory& all) {
      take_out(all, session.client);  // is still there if its end failed
      return all.sessions.add(session);
    });
  }
  void ended(ClientId client) {
    const InboxEnd inbox_end(core_, client);
    directory_.write([&](Directory& all) {
      take_out(all, client);
      return true;
    });
  }
  static void take_out(Directory& all, ClientId client) {
    const SessionTable::Session* const session = all.sessions.find(client);
    if (session == nullptr) return;
    for (const RoomId room : session->rooms) all.rooms.remove(room, client);
    all.sessions.remove(client);
  }

  static_assert(
      Guards<M, Directory> && !kReadsOutside<M>,
      "a server's mechanism guards data of any kind, and orders what a read does before later writes");

  ChatCore<LockOf<M>> core_;
  CellOf<M, Directory, Probe> directory_;
  ServerSessions stays_;  // destroyed first: it ends the sessions that are left
};

}  // namespace crosstalk::pool
