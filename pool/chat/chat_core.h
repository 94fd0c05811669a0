// What every strategy's server does the same way, outside the lock under test: inboxes, the fan-out of a message,
// histories, unread counters. A server adds to it who is in which room, guarded in its own way.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory_resource>
#include <optional>
#include <utility>

#include "pool/chat/broadcast.h"
#include "pool/chat/chat_types.h"
#include "pool/chat/inbox.h"
#include "pool/chat/message_arena.h"
#include "pool/chat/message_log.h"
#include "pool/chat/room_channel.h"
#include "pool/chat/taken_messages.h"
#include "pool/chat/upload_place.h"
#include "pool/containers/fixed_array.h"

namespace crosstalk::pool {

// Memory that one calling thread lends to a server for the length of a call, so that calls need not allocate. Made
// by the server's make_caller(), used by one thread at a time, destroyed before the server.
struct Caller {
  Caller(MessageArena& arena, const ServerOptions& options)
      : writer(arena),
        recipients(memory_of(options)),
        taken(memory_of(options)),
        deliveries(memory_of(options)) {
    recipients.reserve(options.clients);
    taken.reserve_more(1024);
  }

  MessageArena::Writer writer;
  Recipients recipients;  // out: the members after who()
  TakenMessages taken;
  Deliveries deliveries;  // of a history
};

template <ExclusiveLock Lock>
class ChatCore {
 public:
  explicit ChatCore(const ServerOptions& options)
      : options_(without_stored_history(options)),
        arena_(memory_of(options)),
        inboxes_(memory_of(options), options.clients, memory_of(options)),
        channels_(memory_of(options), options.rooms, options_),
        uploads_(options),
        broadcast_(
            options, [this](const PostEvent& event) { hand_out(event); },
            [this](const Message* message) { arena_.release(message, 1); }) {
    if (options.store != nullptr) {
      log_.emplace(*options.store, options.history_messages, memory_of(options));
    }
  }

  [[nodiscard]] const ServerOptions& options() const noexcept { return options_; }
  [[nodiscard]] std::pmr::memory_resource* memory() const noexcept { return memory_of(options_); }
  [[nodiscard]] Caller make_caller() { return Caller(arena_, options_); }
  [[nodiscard]] RoomChannel<Lock>& channel(RoomId room) { return channels_[room]; }
  [[nodiscard]] SessionRef session_of(ClientId client) const {
    return {client, inboxes_[client].generation()};
  }

  [[nodiscard]] std::uint64_t sequence(RoomId room) const noexcept {
    // acquire: pairs with the release of the lock that ordered the last post or membership change this thread saw.
    return channels_[room].sequence.load(std::memory_order_acquire) & RoomChannel<Lock>::kNumberMask;
  }

  // Told, once a session, of one whose full inbox ends it; called by whoever hands a post out. Before the first post.
  void on_overflow(std::function<void(SessionRef)> end_session) { end_session_ = std::move(end_session); }

  // Has one message put into the inbox of every caller.recipients, in their order, into the room's history, and into the
  // store if there is one.
  void fan_out(Caller& caller, const Message* message, const PostWatch& watch) {
    MessageArena::acquire(message, 1);  // of the event
    PostEvent event{message, std::move(caller.recipients), watch};
    const bool direct = message->room == kNoRoom;
    broadcast_.publish(direct ? event.recipients.front().client : message->room, event);
    caller.recipients = std::move(event.recipients);
    if (log_ && !direct) log_->append(*message, watch.persisted);
  }

  // Hands everything that waits to visit(const Delivery*, count), oldest first, then gives the messages back.
  template <class Visit>
  std::size_t receive(Caller& caller, ClientId client, Visit&& visit) {
    caller.taken.clear();
    const std::size_t count = inboxes_[client].receive(caller.taken);
    if (count == 0) return 0;
    visit(caller.taken.deliveries(), count);
    arena_.release(caller.taken.messages(), count);
    return count;
  }

  // Hands up to `count` of the room's newest messages, as receive() does: those in memory, or those in the store.
  template <class Visit>
  Outcome history(Caller& caller, RoomId room, std::uint32_t count, Visit&& visit) {
    caller.deliveries.clear();
    if (!log_) {
      channels_[room].history.newest(sequence(room), count, caller.deliveries);
    } else if (!log_->newest(room, count, caller.writer, caller.deliveries)) {
      return Outcome::unavailable;
    }
    const std::size_t found = caller.deliveries.size();
    if (found > 0) visit(caller.deliveries.data(), found);
    arena_.release(caller.deliveries.data(), found);
    return Outcome::ok;
  }

  Outcome upload(RoomId room, std::uint64_t tag, std::uint32_t bytes) {
    return uploads_.keep(room, tag, bytes) ? Outcome::ok : Outcome::unavailable;
  }

  // Returns once nothing is being handed out any more; the end of a server begins with it.
  void settle_deliveries() { broadcast_.settle(); }
  void settle() {
    settle_deliveries();
    if (log_) log_->settle();
  }

  // Ends the client's session at the inbox: what waits there is discarded.
  void close_inbox(ClientId client) {
    inboxes_[client].close(
        [this](const Message* const* first, std::size_t count) { arena_.release(first, count); });
  }

  void mark(RoomId room) { channels_[room].unread.add(1); }

  // The sums below are exact once the server has settled and nobody calls it any more.
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
  // So many recipients ahead an inbox is fetched into the cache, and then the place in it. Measured (fan_out_bench.cpp): 8 and
  // 4 are too late, more than these gain little.
  static constexpr std::size_t kFetchAhead = 32;
  static constexpr std::size_t kFetchPlaceAhead = 16;

  // With a store, histories are there, and the rooms keep none of their own.
  static ServerOptions without_stored_history(ServerOptions options) {
    if (options.store != nullptr) options.history_messages = 0;
    return options;
  }

  void hand_out(const PostEvent& event) {
    const Message* const message = event.message;
    const bool keep = message->room != kNoRoom && options_.history_messages > 0;
    const auto count = static_cast<std::int64_t>(event.recipients.size());
    MessageArena::acquire(message, count);
    std::int64_t stored = 0;
    try {
      deliver_to_all(message, event, stored);
    } catch (...) {
      arena_.release(message, count - stored + 1);
      throw;
    }
    arena_.release(message, count - stored + (keep ? 0 : 1));  // the event's own goes to the history
    if (!keep) return;
    const Message* replaced = channels_[message->room].history.add(message);
    if (replaced != nullptr) arena_.release(replaced, 1);
  }

  // Counts the inboxes that have taken the message's reference.
  void deliver_to_all(const Message* message, const PostEvent& event, std::int64_t& stored) {
    const SessionRef* const recipients = event.recipients.data();
    const std::size_t count = event.recipients.size();
    Inbox* const inboxes = inboxes_.begin();
    const InboxLimit limit(options_);
    const std::size_t middle = event.watch.median_of(count);
    const auto fetch = [=](std::size_t i) { inboxes[recipients[i].client].fetch(); };
    const auto fetch_place = [=](std::size_t i) { inboxes[recipients[i].client].fetch_place(); };
    const auto deliver = [=, this, &event, &stored](std::size_t i) {
      const SessionRef to = recipients[i];
      const Inbox::PushResult result = inboxes[to.client].push(to.generation, message, limit);
      if (result.stored) ++stored;
      if (!result.stored || result.evicted != nullptr) [[unlikely]]
        clear_up(to, result);
      if (i == 0) event.watch.tell(Placed::first);
      if (i == middle) event.watch.tell(Placed::median);
    };
    for (std::size_t i = 0; i < std::min(count, kFetchAhead); ++i) fetch(i);
    for (std::size_t i = 0; i < std::min(count, kFetchPlaceAhead); ++i) fetch_place(i);
    std::size_t i = 0;
    for (; i + kFetchAhead < count; ++i) {
      fetch(i + kFetchAhead);
      fetch_place(i + kFetchPlaceAhead);
      deliver(i);
    }
    for (; i < count; ++i) {
      if (i + kFetchPlaceAhead < count) fetch_place(i + kFetchPlaceAhead);
      deliver(i);
    }
    if (count > 0) event.watch.tell(Placed::last);
  }

  // What push() left to do.
  void clear_up(SessionRef recipient, const Inbox::PushResult& result) {
    if (result.evicted != nullptr) arena_.release(result.evicted, 1);
    if (result.overflowed && end_session_) end_session_(recipient);
  }

  ServerOptions options_;
  MessageArena arena_;
  FixedArray<Inbox> inboxes_;
  FixedArray<RoomChannel<Lock>> channels_;
  UploadPlace uploads_;
  std::optional<MessageLog> log_;
  std::function<void(SessionRef)> end_session_;
  Broadcast broadcast_;  // destroyed first: what is still under way uses the others
};

// Ends the client's session at the inbox when the scope is left, also by an exception: an inbox that missed the end of one
// session would take the messages of all later ones for strangers'.
template <class Core>
class InboxEnd {
 public:
  InboxEnd(Core& core, ClientId client) noexcept : core_(core), client_(client) {}
  InboxEnd(const InboxEnd&) = delete;
  InboxEnd& operator=(const InboxEnd&) = delete;
  ~InboxEnd() { core_.close_inbox(client_); }

 private:
  Core& core_;
  const ClientId client_;
};

}  // namespace crosstalk::pool
