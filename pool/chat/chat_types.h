// The words every chat server of this folder speaks: ids, outcomes, options.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory_resource>

#include "pool/events/dispatch.h"

namespace crosstalk::pool {

class Executor;
class FileStore;
class MessageStore;

using ClientId =
    std::uint32_t;             // 0 .. ServerOptions::clients - 1; a client has at most one session at a time
using RoomId = std::uint32_t;  // 0 .. ServerOptions::rooms - 1

// A session: the client and how often it was disconnected before. What is on its way to an ended session never
// reaches the client's next one.
struct SessionRef {
  ClientId client = 0;
  std::uint32_t generation = 0;
  friend bool operator==(const SessionRef&, const SessionRef&) = default;
};

// What the server answered. Only `ok` changed anything.
enum class Outcome : std::uint8_t {
  ok,
  already_connected,
  not_connected,
  already_member,
  not_member,
  no_such_client,  // the target of a direct message has no session
  not_permitted,   // who kicks is not in the room
  unavailable,     // the store, or the disk, failed
  full,            // as many sessions as ServerOptions::session_limit lets in
  shutting_down,   // the server lets nobody in any more
};

// What a full inbox does with one message more.
enum class InboxPolicy : std::uint8_t {
  grow,         // takes it: no loss, no bound
  drop_oldest,  // makes room for it
  drop_newest,  // loses it
  disconnect,   // loses it, and the session that was too slow ends (EndReason::overflowed)
};

enum class CounterKind : std::uint8_t { locked, atomic, striped };

struct ServerOptions {
  std::uint32_t clients = 1;
  std::uint32_t rooms = 1;
  std::uint32_t shards = 64;            // sharded servers; rounded up to a power of two
  std::uint32_t history_messages = 64;  // newest messages a room keeps
  InboxPolicy inbox_policy = InboxPolicy::grow;
  std::uint32_t inbox_capacity = 1024;        // deliveries; not a limit under InboxPolicy::grow
  CounterKind counter = CounterKind::locked;  // of the unread counter behind mark()

  // See session_registry.h, for both.
  std::uint32_t session_limit = 0;  // at a time; 0: as many as clients
  std::chrono::nanoseconds idle_timeout{
      0};  // of a session whose client asks for nothing; 0: none, else at least 1 us

  // How posts are handed out (broadcast.h). What a server is given from outside is not owned, and outlives it.
  Dispatch dispatch = Dispatch::inlined;
  Executor* executor = nullptr;  // of Dispatch::pooled
  MessageStore* store =
      nullptr;  // where posts are kept and history comes from; null: in memory, the newest ones
  FileStore* files = nullptr;  // where uploads are kept, a room's newest one; null: in memory

  // Where rooms, members, sessions, inboxes, messages, histories and uploads come from, of the servers built on ChatCore;
  // null: operator new. Any number of threads allocate from it at once. Not owned, and outlives the server and its callers.
  // The event bus, the session registry, the store and its cache have memory of their own.
  std::pmr::memory_resource* memory = nullptr;
};

[[nodiscard]] inline std::pmr::memory_resource* memory_of(const ServerOptions& options) noexcept {
  return options.memory != nullptr ? options.memory : std::pmr::new_delete_resource();
}

// The answer to post() and direct().
struct PostResult {
  Outcome outcome = Outcome::ok;
  std::uint64_t sequence = 0;    // number of the message in its room, from 1; 0 for a direct message
  std::uint32_t recipients = 0;  // sessions the message was sent to
};

// What became of all deliveries since the server was made; exact once nobody calls it any more.
struct InboxTotals {
  std::uint64_t enqueued = 0;  // handed to an inbox = received + queued + dropped + discarded
  std::uint64_t received = 0;
  std::uint64_t queued = 0;     // still waiting
  std::uint64_t dropped = 0;    // by the policy of a full inbox
  std::uint64_t discarded = 0;  // waiting, or still on the way, when the session ended
  friend bool operator==(const InboxTotals&, const InboxTotals&) = default;
};

}  // namespace crosstalk::pool
