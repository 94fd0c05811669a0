// The concept ChatServer: what a type must offer to be measured. All operations but make_caller() may be called by
// many threads at once (reference_server and servers over one-thread locks excepted), each with a Caller of its own;
// calls of one client must not overlap.
//
//   connect, disconnect, join, leave, move       change who is where
//   kick(caller, client, by, room)               a leave that another member of the room brings about
//   post(caller, client, room, tag, bytes, watch) stores a body of `bytes` bytes once and puts a delivery into the
//                                                inbox of every other member; numbers the room's messages from 1
//                                                in the order in which they met the memberships
//   direct(caller, client, target, tag, bytes, watch)  the same for one client
//   receive(caller, client, visit)               hands all waiting deliveries to visit(const Delivery*, count);
//                                                they are valid inside visit only
//   history(caller, client, room, count, visit)  likewise the room's newest messages
//   who(caller, room)                            fills caller.recipients
//   presence(caller, client), mark(caller, room)
//   upload(caller, client, room, tag, bytes)     keeps a file of `bytes` bytes, each the low byte of `tag`
//   sequence(room)                               number of the room's latest message
//   inbox_totals(), sequence_sum(), unread_sum(), memberships(), sessions()  exact when nobody calls the server
//
// Errors are outcomes, never exceptions, std::bad_alloc excepted.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "pool/chat/chat_types.h"
#include "pool/chat/message_arena.h"
#include "pool/chat/post_watch.h"

namespace crosstalk::pool {

template <class S>
concept ChatOperations = std::constructible_from<S, const ServerOptions&> &&
    requires(S server, decltype(server.make_caller())& caller, ClientId client, RoomId room,
             const PostWatch& watch, void (*visit)(const Delivery*, std::size_t)) {
  { server.connect(caller, client) } -> std::same_as<Outcome>;
  { server.disconnect(caller, client) } -> std::same_as<Outcome>;
  { server.join(caller, client, room) } -> std::same_as<Outcome>;
  { server.leave(caller, client, room) } -> std::same_as<Outcome>;
  { server.move(caller, client, room, room) } -> std::same_as<Outcome>;
  { server.kick(caller, client, client, room) } -> std::same_as<Outcome>;
  { server.post(caller, client, room, std::uint64_t{}, std::uint32_t{}, watch) } -> std::same_as<PostResult>;
  {
    server.direct(caller, client, client, std::uint64_t{}, std::uint32_t{}, watch)
    } -> std::same_as<PostResult>;
  { server.history(caller, client, room, std::uint32_t{}, visit) } -> std::same_as<Outcome>;
  { server.who(caller, room) } -> std::same_as<Outcome>;
  { server.presence(caller, client) } -> std::same_as<bool>;
  { server.receive(caller, client, visit) } -> std::convertible_to<std::size_t>;
  { server.mark(caller, room) } -> std::same_as<Outcome>;
  { server.upload(caller, client, room, std::uint64_t{}, std::uint32_t{}) } -> std::same_as<Outcome>;
};

// A server that only counts its calls: no rooms, no deliveries, no laws but "issued = counted".
template <class S>
concept CountingServer = ChatOperations<S> && requires(const S& server) {
  { server.counted() } -> std::same_as<std::uint64_t>;
};

template <class S>
concept ChatServer = ChatOperations<S> &&
    requires(const S& server, decltype(std::declval<S&>().make_caller())& caller, RoomId room) {
  { server.sequence(room) } -> std::same_as<std::uint64_t>;
  { server.inbox_totals() } -> std::same_as<InboxTotals>;
  { server.sequence_sum() } -> std::same_as<std::uint64_t>;
  { server.unread_sum() } -> std::same_as<std::uint64_t>;
  { server.memberships() } -> std::same_as<std::uint64_t>;
  { server.sessions() } -> std::same_as<std::uint64_t>;
  caller.recipients.size();
};

// A server that honours ServerOptions::dispatch, store and files. settle() returns once every post that returned before has
// been handed out and stored; the sums are exact only then.
template <class S>
concept ComposedServer = ChatServer<S> && requires(S server) {
  server.settle();
};

}  // namespace crosstalk::pool
