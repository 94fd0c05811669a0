// membership_server: a chat server that leaves to M who is connected and who is in which room, and does the rest in the one
// way of ChatCore. A strategy that is no lock around tables is written as such an M:
//
//   M(ChatCore<std::mutex>&)
//   opened(session), ended(client)     a session begins; it has ended, and leaves all its rooms. Never together for a client
//   join(client, room), kick(client, by, room), move(client, from, to)         as in chat_server.h
//   number(client, room, recipients, sequence)   of a post: the other members, and its number, as one step
//   address(client, target, recipient)           of a direct message
//   connected(client), contains(room, client), copy_members(room, recipients)
//   memberships(), sessions()          exact when nobody calls the server
//
// All of them but the constructor may be called by many threads at once; calls by one client do not overlap, but those of
// others against it do (kick, and ended from the reaper or a poster), also with each other.
//
// Progress and errors: those of M, of ChatCore and of ServerSessions. Fan-out runs outside of M.
#pragma once

#include <concepts>
#include <cstdint>
#include <mutex>

#include "pool/chat/chat_core.h"
#include "pool/chat/chat_types.h"
#include "pool/chat/server_sessions.h"

namespace crosstalk::pool {

// The lock is that of CounterKind::locked, and of nothing else.
using PlainChatCore = ChatCore<std::mutex>;

template <class M>
concept ChatMembership = std::constructible_from<M, PlainChatCore&> &&
    requires(M members, const M& view, SessionRef session, ClientId client, RoomId room,
             Recipients& recipients, std::uint64_t& sequence) {
  members.opened(session);
  members.ended(client);
  { members.join(client, room) } -> std::same_as<Outcome>;
  { members.kick(client, client, room) } -> std::same_as<Outcome>;
  { members.move(client, room, room) } -> std::same_as<Outcome>;
  { members.number(client, room, recipients, sequence) } -> std::same_as<Outcome>;
  { members.address(client, client, session) } -> std::same_as<Outcome>;
  { members.connected(client) } -> std::same_as<bool>;
  { members.contains(room, client) } -> std::same_as<bool>;
  members.copy_members(room, recipients);
  { view.memberships() } -> std::same_as<std::uint64_t>;
  { view.sessions() } -> std::same_as<std::uint64_t>;
};

template <ChatMembership M>
class MembershipServer {
 public:
  explicit MembershipServer(const ServerOptions& options)
      : core_(options),
        members_(core_),
        stays_(
            options, [this](SessionRef session) { members_.opened(session); },
            [this](ClientId client) {
              const InboxEnd inbox_end(core_, client);
              members_.ended(client);
            }) {
    core_.on_overflow([this](SessionRef session) { stays_.registry().end(session, EndReason::overflowed); });
  }
  ~MembershipServer() { core_.settle_deliveries(); }

  Caller make_caller() { return core_.make_caller(); }

  Outcome connect(Caller&, ClientId client) { return stays_.connect(client); }
  // Leaves every room, one after the other, and discards what waits in the inbox.
  Outcome disconnect(Caller&, ClientId client) { return stays_.disconnect(client); }

  Outcome join(Caller&, ClientId client, RoomId room) {
    stays_.heard(client);
    return members_.join(client, room);
  }
  Outcome leave(Caller& caller, ClientId client, RoomId room) { return kick(caller, client, client, room); }
  Outcome kick(Caller&, ClientId client, ClientId by, RoomId room) {
    stays_.heard(by);
    return members_.kick(client, by, room);
  }
  Outcome move(Caller&, ClientId client, RoomId from, RoomId to) {
    stays_.heard(client);
    return members_.move(client, from, to);
  }

  PostResult post(Caller& caller, ClientId client, RoomId room, std::uint64_t tag, std::uint32_t bytes,
                  const PostWatch& watch = {}) {
    stays_.heard(client);
    Message* message = caller.writer.write(room, client, tag, bytes);
    const Outcome outcome = members_.number(client, room, caller.recipients, message->sequence);
    if (outcome != Outcome::ok) return {.outcome = outcome};
    core_.fan_out(caller, message, watch);
    return {outcome, message->sequence, static_cast<std::uint32_t>(caller.recipients.size())};
  }

  PostResult direct(Caller& caller, ClientId client, ClientId target, std::uint64_t tag, std::uint32_t bytes,
                    const PostWatch& watch = {}) {
    stays_.heard(client);
    caller.recipients.assign(1, SessionRef{});
    const Outcome outcome = members_.address(client, target, caller.recipients.front());
    if (outcome != Outcome::ok) return {.outcome = outcome};
    core_.fan_out(caller, caller.writer.write(kNoRoom, client, tag, bytes), watch);
    return {.outcome = outcome, .recipients = 1};
  }

  template <class Visit>
  Outcome history(Caller& caller, ClientId client, RoomId room, std::uint32_t count, Visit&& visit) {
    stays_.heard(client);
    return members_.contains(room, client) ? core_.history(caller, room, count, visit) : Outcome::not_member;
  }

  Outcome who(Caller& caller, RoomId room) {
    members_.copy_members(room, caller.recipients);
    return Outcome::ok;
  }
  [[nodiscard]] bool presence(Caller&, ClientId target) { return members_.connected(target); }

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
    return members_.contains(room, client) ? core_.upload(room, tag, bytes) : Outcome::not_member;
  }

  // Returns once every delivery is in its inbox and every post stored, of the posts that returned before.
  void settle() { core_.settle(); }

  [[nodiscard]] std::uint64_t sequence(RoomId room) const noexcept { return core_.sequence(room); }

  // Sums over the whole server; exact once it has settled and nobody calls it any more.
  [[nodiscard]] InboxTotals inbox_totals() const { return core_.inbox_totals(); }
  [[nodiscard]] std::uint64_t sequence_sum() const { return core_.sequence_sum(); }
  [[nodiscard]] std::uint64_t unread_sum() const { return core_.unread_sum(); }
  [[nodiscard]] std::uint64_t memberships() const { return members_.memberships(); }
  [[nodiscard]] std::uint64_t sessions() const { return members_.sessions(); }
  // Who is connected, and the means to end a session from outside.
  [[nodiscard]] SessionRegistry& registry() noexcept { return stays_.registry(); }

 private:
  PlainChatCore core_;
  M members_;
  ServerSessions stays_;  // destroyed first: it ends the sessions that are left
};

}  // namespace crosstalk::pool
