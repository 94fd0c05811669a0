#include "pool/resources/store_connection.h"

#include <sqlite3.h>

#include <algorithm>
#include <limits>

namespace crosstalk::pool {

namespace {

std::int64_t to_limit(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}

std::vector<StoredMessage> stored_messages(SqliteStatement& statement, RoomId room) {
  std::vector<StoredMessage> messages;
  while (statement.step()) {
    messages.push_back({.room = room,
                        .sender = static_cast<ClientId>(statement.integer(1)),
                        .sequence = static_cast<std::uint64_t>(statement.integer(0)),
                        .time_ns = statement.integer(2),
                        .body = std::string(statement.bytes(3))});
  }
  return messages;
}

template <class Id>
std::vector<Id> stored_ids(SqliteStatement& statement) {
  std::vector<Id> ids;
  while (statement.step()) ids.push_back(static_cast<Id>(statement.integer(0)));
  return ids;
}

std::optional<std::string> stored_name(SqliteStatement& statement, std::int64_t id) {
  const StatementUse use(statement);
  use->bind(1, id);
  if (!use->step()) return std::nullopt;
  return std::string(use->bytes(0));
}

int note_log_pages(void* log_pages, sqlite3* /*database*/, const char* /*name*/, int pages) {
  *static_cast<int*>(log_pages) = pages;
  return SQLITE_OK;
}

}  // namespace

StoreConnection::StoreConnection(const MessageStoreOptions& options, MissingFile missing)
    : database_(open_store_file(options, missing)),
      put_message_(*database_,
                   "INSERT INTO messages(room, sequence, sender, time_ns, body) VALUES(?1, ?2, ?3, ?4, ?5)"),
      put_user_(*database_,
                "INSERT INTO users(id, name) VALUES(?1, ?2) ON CONFLICT(id) DO UPDATE SET name=?2"),
      put_room_(*database_,
                "INSERT INTO rooms(id, name) VALUES(?1, ?2) ON CONFLICT(id) DO UPDATE SET name=?2"),
      join_(*database_, "INSERT OR IGNORE INTO memberships(room, user) VALUES(?1, ?2)"),
      leave_(*database_, "DELETE FROM memberships WHERE room=?1 AND user=?2"),
      erase_before_(*database_, "DELETE FROM messages WHERE room=?1 AND sequence<?2"),
      history_(*database_,
               "SELECT sequence, sender, time_ns, body FROM messages WHERE room=?1 AND sequence<?2"
               " ORDER BY sequence DESC LIMIT ?3"),
      history_between_(*database_,
                       "SELECT sequence, sender, time_ns, body FROM messages INDEXED BY messages_by_time"
                       " WHERE room=?1 AND time_ns>=?2 AND time_ns<?3 ORDER BY time_ns, sequence LIMIT ?4"),
      last_sequence_(*database_, "SELECT max(sequence) FROM messages WHERE room=?1"),
      members_(*database_, "SELECT user FROM memberships WHERE room=?1 ORDER BY user"),
      rooms_of_(*database_, "SELECT room FROM memberships WHERE user=?1 ORDER BY room"),
      user_name_(*database_, "SELECT name FROM users WHERE id=?1"),
      room_name_(*database_, "SELECT name FROM rooms WHERE id=?1") {
  // Takes the place of SQLite's own hook, which would move the log into the file in the middle of a commit.
  sqlite3_wal_hook(database_->handle(), &note_log_pages, &log_pages_);
}

bool StoreConnection::fit_for_use() const noexcept {
  return !database_->in_transaction() && !database_->file_has_moved();
}

StoreFault StoreConnection::write(const WriteEntry& entry) {
  const std::string_view text(reinterpret_cast<const char*>(entry.body()), entry.bytes);
  const auto sequence = static_cast<std::int64_t>(entry.sequence);
  const auto run = [this](SqliteStatement& statement) {
    const int code = statement.run();
    if ((code & 0xff) == SQLITE_CONSTRAINT) return StoreFault::duplicate;
    database_->check(code, "write");
    return StoreFault::none;
  };
  switch (entry.kind) {
    case WriteKind::message:
      put_message_.bind(1, entry.room).bind(2, sequence).bind(3, entry.user).bind(4, entry.time_ns);
      return run(put_message_.bind_blob(5, text.data(), text.size()));
    case WriteKind::user:
      return run(put_user_.bind(1, entry.user).bind_text(2, text));
    case WriteKind::room:
      return run(put_room_.bind(1, entry.room).bind_text(2, text));
    case WriteKind::join:
      return run(join_.bind(1, entry.room).bind(2, entry.user));
    case WriteKind::leave:
      return run(leave_.bind(1, entry.room).bind(2, entry.user));
    case WriteKind::erase_before:
      return run(erase_before_.bind(1, entry.room).bind(2, sequence));
    case WriteKind::nothing:
      break;
  }
  return StoreFault::none;
}

std::vector<StoredMessage> StoreConnection::history(RoomId room, std::uint64_t before, std::size_t limit) {
  const StatementUse use(history_);
  use->bind(1, room).bind(2, static_cast<std::int64_t>(std::min(before, kLastSequence + 1)));
  use->bind(3, to_limit(limit));
  std::vector<StoredMessage> messages = stored_messages(history_, room);
  std::reverse(messages.begin(), messages.end());
  return messages;
}

std::vector<StoredMessage> StoreConnection::history_between(RoomId room, std::int64_t from_ns,
                                                            std::int64_t to_ns, std::size_t limit) {
  const StatementUse use(history_between_);
  use->bind(1, room).bind(2, from_ns).bind(3, to_ns).bind(4, to_limit(limit));
  return stored_messages(history_between_, room);
}

std::uint64_t StoreConnection::last_sequence(RoomId room) {
  const StatementUse use(last_sequence_);
  use->bind(1, room);
  return use->step() ? static_cast<std::uint64_t>(use->integer(0)) : 0;
}

std::vector<ClientId> StoreConnection::members(RoomId room) {
  const StatementUse use(members_);
  use->bind(1, room);
  return stored_ids<ClientId>(members_);
}

std::vector<RoomId> StoreConnection::rooms_of(ClientId user) {
  const StatementUse use(rooms_of_);
  use->bind(1, user);
  return stored_ids<RoomId>(rooms_of_);
}

std::optional<std::string> StoreConnection::user_name(ClientId user) {
  return stored_name(user_name_, user);
}

std::optional<std::string> StoreConnection::room_name(RoomId room) {
  return stored_name(room_name_, room);
}

void StoreConnection::checkpoint(Readers readers) {
  const int mode = readers == Readers::wait ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
  const int code = sqlite3_wal_checkpoint_v2(database_->handle(), nullptr, mode, nullptr, nullptr);
  // Others in the way are no failure: the log is only longer for a while.
  if ((code & 0xff) != SQLITE_BUSY) database_->check(code, "checkpoint");
}

}  // namespace crosstalk::pool
