// What every strategy's server does the same way, outside the lock under test: inboxes, the fan-out of a message,
// histories, unread counters. A server adds to it who is in which room, guarded in its own way.
#pragma once

#include <cstdint>
#include <deque>
#include <stdexcept>
#include <utility>
#include <vector>

#include "pool/chat/chat_types.h"
#include "pool/chat/inbox.h"
#include "pool/chat/message_arena.h"
#include "pool/chat/room_channel.h"

namespace crosstalk::pool {

// Memory that one calling thread lends to a server for the length of a call, so that calls need not allocate. Made
// by the server's make_caller(), used by one thread at a time, destroyed before the server.
struct Caller {
  explicit Caller(MessageArena& arena, std::size_t clients) : writer(arena) {
    recipients.reserve(clients);
    deliveries.reserve(1024);
  }

  MessageArena::Writer writer;
  std::vector<SessionRef> recipients;  // out: the members after who()
  std::vector<Delivery> deliveries;
};

template <ExclusiveLock Lock>
class ChatCore {
 public:
  explicit ChatCore(const ServerOptions& options) : options_(options), inboxes_(options.clients) {
    if (options.inbox_policy == InboxPolicy::disconnect) {
      throw std::invalid_argument("chat server: inbox_policy disconnect needs somebody who ends the session");
    }
    for (std::uint32_t i = 0; i < options.rooms; ++i) channels_.emplace_back(options);
  }

  [[nodiscard]] const ServerOptions& options() const noexcept { return options_; }
  [[nodiscard]] MessageArena& arena() noexcept { return arena_; }
  [[nodiscard]] RoomChannel<Lock>& channel(RoomId room) { return channels_[room]; }
  [[nodiscard]] SessionRef session_of(ClientId client) const {
    return {client, inboxes_[client].generation()};
  }

  [[nodiscard]] std::uint64_t sequence(RoomId room) const noexcept {
    // acquire: pairs with the release of the lock that ordered the last post or membership change this thread saw.
    return channels_[room].sequence.load(std::memory_order_acquire);
  }

  // Puts one message into the inbox of every caller.recipients, in their order, and into the room's history.
  template <class Hook>
  void fan_out(Caller& caller, Message* message, Hook& hook) {
    const auto copies = static_cast<std::int64_t>(caller.recipients.size());
    const bool keep = message->room != kNoRoom && options_.history_messages > 0;
    MessageArena::acquire(message, copies + (keep ? 1 : 0));
    std::int64_t returned = 0;
    bool first = true;
    for (const SessionRef recipient : caller.recipients) {
      returned += deliver(recipient, {message, message->sequence}) ? 0 : 1;
      if (std::exchange(first, false)) hook.first();
    }
    if (!first) hook.last();
    arena_.release(message, returned);
    if (!keep) return;
    const Message* replaced = channels_[message->room].history.add(message);
    if (replaced != nullptr) arena_.release(replaced, 1);
  }

  // Hands everything that waits to visit(const Delivery*, count), oldest first, then gives the messages back.
  template <class Visit>
  std::size_t receive(Caller& caller, ClientId client, Visit&& visit) {
    caller.deliveries.clear();
    const std::size_t count = inboxes_[client].receive(caller.deliveries);
    if (count == 0) return 0;
    visit(caller.deliveries.data(), count);
    arena_.release(caller.deliveries.data(), count);
    return count;
  }

  // Hands up to `count` of the room's newest messages, as receive() does.
  template <class Visit>
  std::size_t history(Caller& caller, RoomId room, std::uint32_t count, Visit&& visit) {
    caller.deliveries.clear();
    channels_[room].history.newest(sequence(room), count, caller.deliveries);
    const std::size_t found = caller.deliveries.size();
    if (found == 0) return 0;
    visit(caller.deliveries.data(), found);
    arena_.release(caller.deliveries.data(), found);
    return found;
  }

  // Ends the client's session at the inbox: what waits there is discarded.
  void close_inbox(Caller& caller, ClientId client) {
    caller.deliveries.clear();
    inboxes_[client].close(caller.deliveries);
    arena_.release(caller.deliveries.data(), caller.deliveries.size());
  }

  void mark(RoomId room) { channels_[room].unread.add(1); }

  // The sums below are exact once nobody calls the server any more.
  [[nodiscard]] InboxTotals inbox_totals() const {
    InboxTotals sum;
    for (const Inbox& inbox : inboxes_) {
      const InboxTotals one = inbox.totals();
      sum.enqueued += one.enqueued;
      sum.received += one.received;
      sum.queued += one.queued;
      sum.dropped += one.dropped;
      sum.discarded += one.discarded;
    }
    return sum;
  }
  [[nodiscard]] std::uint64_t sequence_sum() const {
    std::uint64_t sum = 0;
    for (RoomId room = 0; room < options_.rooms; ++room) sum += sequence(room);
    return sum;
  }
  [[nodiscard]] std::uint64_t unread_sum() const {
    std::uint64_t sum = 0;
    for (const auto& channel : channels_) sum += static_cast<std::uint64_t>(channel.unread.sum());
    return sum;
  }

 private:
  // True if the delivery's reference went into the inbox.
  bool deliver(SessionRef recipient, Delivery delivery) {
    const Inbox::PushResult result =
        inboxes_[recipient.client].push(recipient.generation, delivery, options_);
    if (result.evicted != nullptr) arena_.release(result.evicted, 1);
    return result.stored;
  }

  ServerOptions options_;
  MessageArena arena_;
  std::vector<Inbox> inboxes_;
  std::deque<RoomChannel<Lock>> channels_;  // a deque: channels hold atomics and cannot move
};

}  // namespace crosstalk::pool
