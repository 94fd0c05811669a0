// sharded/<lock>: rooms spread over shards, sessions over other shards, each shard behind a lock of its own.
//
// Lock order, which makes deadlock impossible: one session shard, then room shards in ascending index. join, leave,
// kick and disconnect hold a session shard and, inside it, one room shard at a time; move holds two room shards at once.
// post, who and history take one room shard, direct and presence session shards only, one at a time.
// Progress: that of Lock. Fan-out runs after the locks are released.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

#include "pool/cache_line.h"
#include "pool/chat/chat_core.h"
#include "pool/chat/chat_types.h"
#include "pool/chat/membership.h"
#include "pool/chat/server_sessions.h"
#include "pool/containers/fixed_array.h"
#include "pool/guarded.h"

namespace crosstalk::pool {

template <ExclusiveLock Lock, LockProbe Probe = NoProbe>
class ShardedServer {
 public:
  explicit ShardedServer(const ServerOptions& options)
      : core_(options),
        mask_(std::bit_ceil(options.shards) - 1),
        rooms_(core_.memory(), std::size_t{mask_} + 1, std::in_place, core_.memory()),
        sessions_(core_.memory(), std::size_t{mask_} + 1, std::in_place, core_.memory()),
        stays_(
            options, [this](SessionRef session) { opened(session); },
            [this](ClientId client) { ended(client); }) {
    core_.on_overflow([this](SessionRef session) { stays_.registry().end(session, EndReason::overflowed); });
  }

  ~ShardedServer() { core_.settle_deliveries(); }

  Caller make_caller() { return core_.make_caller(); }

  Outcome connect(Caller&, ClientId client) { return stays_.connect(client); }
  // Leaves every room, one after the other, and discards what waits in the inbox.
  Outcome disconnect(Caller&, ClientId client) { return stays_.disconnect(client); }

  Outcome join(Caller&, ClientId client, RoomId room) {
    stays_.heard(client);
    return session_shard(client).write([&](SessionTable& sessions) {
      SessionTable::Session* session = sessions.find(client);
      if (session == nullptr) return Outcome::not_connected;
      const SessionRef self{client, session->generation};
      make_place(session->rooms);
      if (!room_shard(room).write([&](RoomTable& rooms) { return rooms.add(room, self); })) {
        return Outcome::already_member;
      }
      session->rooms.push_back(room);
      return Outcome::ok;
    });
  }

  Outcome leave(Caller& caller, ClientId client, RoomId room) { return kick(caller, client, client, room); }

  Outcome kick(Caller&, ClientId client, ClientId by, RoomId room) {
    stays_.heard(by);
    return session_shard(client).write([&](SessionTable& sessions) {
      SessionTable::Session* session = sessions.find(client);
      if (session == nullptr) return Outcome::not_connected;
      const Outcome outcome = room_shard(room).write([&](RoomTable& rooms) {
        if (by != client && !rooms.contains(room, by)) return Outcome::not_permitted;
        return rooms.remove(room, client) ? Outcome::ok : Outcome::not_member;
      });
      if (outcome == Outcome::ok) std::erase(session->rooms, room);
      return outcome;
    });
  }

  // Leaves `from` and joins `to` in one step: both rooms' shards are held together.
  Outcome move(Caller&, ClientId client, RoomId from, RoomId to) {
    stays_.heard(client);
    return session_shard(client).write([&](SessionTable& sessions) {
      SessionTable::Session* session = sessions.find(client);
      if (session == nullptr) return Outcome::not_connected;
      const SessionRef self{client, session->generation};
      const Outcome outcome = with_two(from, to, [&](RoomTable& leaving, RoomTable& joining) {
        if (!leaving.contains(from, client)) return Outcome::not_member;
        if (!joining.add(to, self)) return Outcome::already_member;
        leaving.remove(from, client);
        return Outcome::ok;
      });
      if (outcome != Outcome::ok) return outcome;
      std::erase(session->rooms, from);
      session->rooms.push_back(to);
      return outcome;
    });
  }

  PostResult post(Caller& caller, ClientId client, RoomId room, std::uint64_t tag, std::uint32_t bytes,
                  const PostWatch& watch = {}) {
    stays_.heard(client);
    Message* message = caller.writer.write(room, client, tag, bytes);
    const Outcome outcome = room_shard(room).read([&](const RoomTable& rooms) {
      if (!rooms.copy_others(room, client, caller.recipients)) return Outcome::not_member;
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
    if (!presence(caller, client)) return {.outcome = Outcome::not_connected};
    const Outcome outcome = session_shard(target).read([&](const SessionTable& sessions) {
      const SessionTable::Session* receiver = sessions.find(target);
      if (receiver == nullptr) return Outcome::no_such_client;
      caller.recipients.push_back({target, receiver->generation});
      return Outcome::ok;
    });
    if (outcome != Outcome::ok) return {.outcome = outcome};
    core_.fan_out(caller, caller.writer.write(kNoRoom, client, tag, bytes), watch);
    return {.outcome = outcome, .recipients = 1};
  }

  template <class Visit>
  Outcome history(Caller& caller, ClientId client, RoomId room, std::uint32_t count, Visit&& visit) {
    stays_.heard(client);
    const bool member =
        room_shard(room).read([&](const RoomTable& rooms) { return rooms.contains(room, client); });
    return member ? core_.history(caller, room, count, visit) : Outcome::not_member;
  }

  Outcome who(Caller& caller, RoomId room) {
    caller.recipients.clear();
    room_shard(room).read([&](const RoomTable& rooms) {
      const RoomMembers* found = rooms.find(room);
      if (found != nullptr) caller.recipients = found->all();
      return 0;
    });
    return Outcome::ok;
  }

  [[nodiscard]] bool presence(Caller&, ClientId target) {
    return session_shard(target).read(
        [&](const SessionTable& sessions) { return sessions.find(target) != nullptr; });
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
        room_shard(room).read([&](const RoomTable& rooms) { return rooms.contains(room, client); });
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
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i <= mask_; ++i) {
      sum += rooms_[i]->read([](const RoomTable& rooms) { return rooms.memberships(); });
    }
    return sum;
  }
  // Who is connected, and the means to end a session from outside.
  [[nodiscard]] SessionRegistry& registry() noexcept { return stays_.registry(); }
  [[nodiscard]] std::uint64_t sessions() const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i <= mask_; ++i) {
      sum += sessions_[i]->read([](const SessionTable& sessions) { return sessions.size(); });
    }
    return sum;
  }

 private:
  using GuardedRooms = Guarded<RoomTable, Lock, Probe>;
  using GuardedSessions = Guarded<SessionTable, Lock, Probe>;
  using RoomShard = CacheAligned<GuardedRooms>;
  using SessionShard = CacheAligned<GuardedSessions>;

  // Multiplication by 2^32 / golden ratio spreads neighbouring ids over the shards.
  [[nodiscard]] std::uint32_t index_of(std::uint32_t id) const noexcept {
    return ((id * 0x9E3779B1U) >> 16) & mask_;
  }
  GuardedRooms& room_shard(RoomId room) noexcept { return *rooms_[index_of(room)]; }
  GuardedSessions& session_shard(ClientId client) noexcept { return *sessions_[index_of(client)]; }

  template <class F>
  Outcome with_two(RoomId a, RoomId b, F&& f) {
    const std::uint32_t first = std::min(index_of(a), index_of(b));
    const std::uint32_t second = std::max(index_of(a), index_of(b));
    const bool swapped = index_of(a) != first;
    return rooms_[first]->write([&](RoomTable& low) {
      if (first == second) return f(low, low);
      return rooms_[second]->write([&](RoomTable& high) { return swapped ? f(high, low) : f(low, high); });
    });
  }

  void opened(SessionRef session) {
    session_shard(session.client).write([&](SessionTable& sessions) { return sessions.add(session); });
  }
  void ended(ClientId client) {
    const InboxEnd inbox_end(core_, client);
    session_shard(client).write([&](SessionTable& sessions) {
      for (const RoomId room : sessions.find(client)->rooms) {
        room_shard(room).write([&](RoomTable& rooms) { return rooms.remove(room, client); });
      }
      sessions.remove(client);
      return true;
    });
  }

  ChatCore<Lock> core_;
  std::uint32_t mask_;
  FixedArray<RoomShard> rooms_;
  FixedArray<SessionShard> sessions_;
  ServerSessions stays_;  // destroyed first: it ends the sessions that are left
};

}  // namespace crosstalk::pool
