// message_store: users, rooms, memberships and messages of a chat server in an SQLite file.
//
// What is written is copied, queued and committed in groups by a thread of the store; a completion tells when it is
// stored (see receipt.h), as durably as MessageStoreOptions::durability says. What one thread queues is written in that
// order. Readers see what has been acknowledged, and run beside the writer on connections of their own (WAL).
//
// The store keeps what it is told: whether a room exists, or its sender is a member, is for the server to know. A message
// is known by its room and sequence and stored once; a second one is completed with `duplicate`.
//
// Accounting: appended = acknowledged + failed + queued; close() and the destructor complete everything that is queued.
// After kill -9 everything acknowledged is in the file, nothing twice.
//
// Progress: the writing calls are lock-free and copy, while the queue has space; with a full queue they block until their
// deadline. They take no lock that a reader or the writer holds, so a server may call them under a lock of its own. The
// reading calls block: on the disk, and until a connection is free.
//
// Errors: the constructor throws std::invalid_argument for options, StoreError where the file is not one for it. Reading
// calls throw StoreError (`closed`, `busy` where no connection came free in read_time, or SQLite's). Faults of writing are
// in the completion; after each the store goes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pool/resources/connection_pool.h"
#include "pool/resources/message_store_options.h"
#include "pool/resources/receipt.h"
#include "pool/resources/store_connection.h"
#include "pool/resources/store_writer.h"
#include "pool/resources/stored_message.h"

namespace crosstalk::pool {

class MessageStore {
 public:
  // Opens the file, or makes it. It must not be the file of another open store of this process in which it is written too:
  // two writers are correct, but wait for each other.
  explicit MessageStore(const MessageStoreOptions& options);
  ~MessageStore();
  MessageStore(const MessageStore&) = delete;
  MessageStore& operator=(const MessageStore&) = delete;

  // Writing. Thread-safe. A deadline of Deadline{} means: do not wait for space. Only with the answer `queued` is the
  // completion called; whatever its context points to must live until then.
  // Throws std::invalid_argument for a sequence above kLastSequence.
  AppendStatus append(const NewMessage& message, Completion completion = {}, Deadline deadline = kNoDeadline);
  AppendStatus put_user(ClientId user, std::string_view name, Completion completion = {},
                        Deadline deadline = kNoDeadline);
  AppendStatus put_room(RoomId room, std::string_view name, Completion completion = {},
                        Deadline deadline = kNoDeadline);
  AppendStatus join(RoomId room, ClientId user, Completion completion = {}, Deadline deadline = kNoDeadline);
  AppendStatus leave(RoomId room, ClientId user, Completion completion = {}, Deadline deadline = kNoDeadline);
  // Forgets the room's messages below the sequence. Their space is used again.
  AppendStatus erase_before(RoomId room, std::uint64_t sequence, Completion completion = {},
                            Deadline deadline = kNoDeadline);

  // Returns once everything queued before has been completed. Not from a completion (std::logic_error).
  void flush();

  // Reading. Thread-safe.
  // The last `limit` messages of the room below sequence `before`, in ascending order of sequence.
  [[nodiscard]] std::vector<StoredMessage> history(RoomId room, std::uint64_t before, std::size_t limit);
  // The first `limit` messages of the room with from_ns <= time < to_ns, in ascending order of time.
  [[nodiscard]] std::vector<StoredMessage> history_between(RoomId room, std::int64_t from_ns,
                                                           std::int64_t to_ns, std::size_t limit);
  [[nodiscard]] std::uint64_t last_sequence(RoomId room);  // 0 if there is no message
  [[nodiscard]] std::vector<ClientId> members(RoomId room);
  [[nodiscard]] std::vector<RoomId> rooms_of(ClientId user);
  [[nodiscard]] std::optional<std::string> user_name(ClientId user);
  [[nodiscard]] std::optional<std::string> room_name(RoomId room);
  // "ok", or what SQLite found damaged. Reads the whole file.
  [[nodiscard]] std::string integrity();

  // Completes everything that is queued, then ends. Later writing calls answer `closed`, reading ones throw. Idempotent,
  // from any thread; std::logic_error from a completion.
  void close();

  [[nodiscard]] MessageStoreStats stats() const { return writer_.stats(); }
  [[nodiscard]] ConnectionPoolStats pool_stats() const { return pool_.stats(); }
  // What the last failure of the writer said; empty if there was none.
  [[nodiscard]] std::string last_error() const { return writer_.last_error(); }

 private:
  [[nodiscard]] ConnectionPool<StoreConnection>::Lease reader();
  template <class Query>
  auto read(Query&& query);
  AppendStatus put_name(WriteEntry entry, std::string_view name, Deadline deadline);

  const MessageStoreOptions options_;
  ConnectionPool<StoreConnection> pool_;
  StoreWriter writer_;  // holds one of the pool's connections
};

}  // namespace crosstalk::pool
