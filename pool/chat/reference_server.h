// reference/none: the truth the other servers are compared with. Slow, obvious, for one thread: no locks, no shared
// bodies, no tricks. It shares no code with the servers it checks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "pool/chat/chat_types.h"
#include "pool/chat/message_arena.h"
#include "pool/chat/post_watch.h"

namespace crosstalk::pool {

class ReferenceServer {
 public:
  struct Caller {
    std::vector<SessionRef> recipients;
  };

  explicit ReferenceServer(const ServerOptions& options) : options_(options) {}

  Caller make_caller() { return {}; }

  Outcome connect(Caller&, ClientId client) {
    if (sessions_.contains(client)) return Outcome::already_connected;
    sessions_[client];
    return Outcome::ok;
  }

  Outcome disconnect(Caller&, ClientId client) {
    const auto found = sessions_.find(client);
    if (found == sessions_.end()) return Outcome::not_connected;
    for (const RoomId room : found->second.rooms) rooms_[room].members.erase(client);
    totals_.discarded += found->second.inbox.size();
    sessions_.erase(found);
    return Outcome::ok;
  }

  Outcome join(Caller&, ClientId client, RoomId room) {
    if (!sessions_.contains(client)) return Outcome::not_connected;
    if (!rooms_[room].members.insert(client).second) return Outcome::already_member;
    sessions_[client].rooms.insert(room);
    return Outcome::ok;
  }

  Outcome leave(Caller&, ClientId client, RoomId room) {
    if (!sessions_.contains(client)) return Outcome::not_connected;
    if (rooms_[room].members.erase(client) == 0) return Outcome::not_member;
    sessions_[client].rooms.erase(room);
    return Outcome::ok;
  }

  Outcome kick(Caller& caller, ClientId client, ClientId by, RoomId room) {
    if (!sessions_.contains(client)) return Outcome::not_connected;
    if (by != client && !rooms_[room].members.contains(by)) return Outcome::not_permitted;
    return leave(caller, client, room);
  }

  Outcome move(Caller& caller, ClientId client, RoomId from, RoomId to) {
    if (!sessions_.contains(client)) return Outcome::not_connected;
    if (!rooms_[from].members.contains(client)) return Outcome::not_member;
    if (rooms_[to].members.contains(client)) return Outcome::already_member;
    leave(caller, client, from);
    return join(caller, client, to);
  }

  PostResult post(Caller&, ClientId client, RoomId id, std::uint64_t tag, std::uint32_t bytes,
                  const PostWatch& watch = {}) {
    Room& room = rooms_[id];
    if (!room.members.contains(client)) return {.outcome = Outcome::not_member};
    const Body body =
        make_body({.sequence = ++room.sequence, .tag = tag, .room = id, .sender = client, .bytes = bytes});
    const std::size_t middle = watch.median_of(room.members.size() - 1);
    std::uint32_t recipients = 0;
    for (const ClientId member : room.members) {
      if (member == client) continue;
      enqueue(member, body);
      if (recipients == 0) watch.tell(Placed::first);
      if (recipients == middle) watch.tell(Placed::median);
      ++recipients;
    }
    if (recipients > 0) watch.tell(Placed::last);
    room.history.push_back(body);
    if (room.history.size() > options_.history_messages) room.history.pop_front();
    return {Outcome::ok, room.sequence, recipients};
  }

  PostResult direct(Caller&, ClientId client, ClientId target, std::uint64_t tag, std::uint32_t bytes,
                    const PostWatch& watch = {}) {
    if (!sessions_.contains(client)) return {.outcome = Outcome::not_connected};
    if (!sessions_.contains(target)) return {.outcome = Outcome::no_such_client};
    enqueue(target,
            make_body({.sequence = 0, .tag = tag, .room = kNoRoom, .sender = client, .bytes = bytes}));
    watch.tell(Placed::first);
    if (watch.median) watch.tell(Placed::median);
    watch.tell(Placed::last);
    return {.outcome = Outcome::ok, .recipients = 1};
  }

  template <class Visit>
  Outcome history(Caller&, ClientId client, RoomId id, std::uint32_t count, Visit&& visit) {
    const Room& room = rooms_[id];
    if (!room.members.contains(client)) return Outcome::not_member;
    const std::size_t found = std::min<std::size_t>(count, room.history.size());
    std::vector<Delivery> newest;
    for (auto it = room.history.end() - static_cast<std::ptrdiff_t>(found); it != room.history.end(); ++it) {
      newest.push_back({message_of(*it), message_of(*it)->sequence});
    }
    if (found > 0) visit(newest.data(), found);
    return Outcome::ok;
  }

  Outcome who(Caller& caller, RoomId room) {
    caller.recipients.clear();
    for (const ClientId member : rooms_[room].members) caller.recipients.push_back({member, 0});
    return Outcome::ok;
  }

  bool presence(Caller&, ClientId target) { return sessions_.contains(target); }

  template <class Visit>
  std::size_t receive(Caller&, ClientId client, Visit&& visit) {
    const auto found = sessions_.find(client);
    if (found == sessions_.end()) return 0;
    std::deque<Body> inbox;
    inbox.swap(found->second.inbox);
    std::vector<Delivery> deliveries;
    for (const Body& body : inbox) deliveries.push_back({message_of(body), message_of(body)->sequence});
    if (!deliveries.empty()) visit(deliveries.data(), deliveries.size());
    totals_.received += deliveries.size();
    return deliveries.size();
  }

  Outcome mark(Caller&, RoomId room) {
    ++rooms_[room].unread;
    return Outcome::ok;
  }

  Outcome upload(Caller&, ClientId client, RoomId id, std::uint64_t, std::uint32_t) {
    return rooms_[id].members.contains(client) ? Outcome::ok : Outcome::not_member;
  }

  [[nodiscard]] std::uint64_t sequence(RoomId room) const {
    const auto found = rooms_.find(room);
    return found == rooms_.end() ? 0 : found->second.sequence;
  }

  [[nodiscard]] InboxTotals inbox_totals() const {
    InboxTotals totals = totals_;
    for (const auto& [client, session] : sessions_) totals.queued += session.inbox.size();
    return totals;
  }
  [[nodiscard]] std::uint64_t sequence_sum() const {
    return sum([](const Room& room) { return room.sequence; });
  }
  [[nodiscard]] std::uint64_t unread_sum() const {
    return sum([](const Room& room) { return room.unread; });
  }
  [[nodiscard]] std::uint64_t memberships() const {
    return sum([](const Room& room) { return room.members.size(); });
  }
  [[nodiscard]] std::uint64_t sessions() const { return sessions_.size(); }

 private:
  using Body = std::shared_ptr<std::vector<std::byte>>;  // a Message and its body

  struct Room {
    std::set<ClientId> members;
    std::uint64_t sequence = 0;
    std::uint64_t unread = 0;
    std::deque<Body> history;
  };
  struct Session {
    std::set<RoomId> rooms;
    std::deque<Body> inbox;
  };

  static const Message* message_of(const Body& body) {
    return reinterpret_cast<const Message*>(body->data());
  }

  static Body make_body(const Message& message) {
    auto body = std::make_shared<std::vector<std::byte>>(sizeof(Message) + message.bytes,
                                                         static_cast<std::byte>(message.tag & 0xff));
    new (body->data()) Message(message);
    return body;
  }

  void enqueue(ClientId client, const Body& body) {
    ++totals_.enqueued;
    sessions_[client].inbox.push_back(body);
  }

  template <class F>
  [[nodiscard]] std::uint64_t sum(F&& of) const {
    std::uint64_t result = 0;
    for (const auto& [id, room] : rooms_) result += of(room);
    return result;
  }

  ServerOptions options_;
  std::map<RoomId, Room> rooms_;
  std::map<ClientId, Session> sessions_;
  InboxTotals totals_;
};

}  // namespace crosstalk::pool
