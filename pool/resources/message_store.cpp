#include "pool/resources/message_store.h"

#include <limits>
#include <memory>
#include <stdexcept>

#include "pool/resources/store_error.h"

namespace crosstalk::pool {

namespace {

// Makes the file if need be; the pool's connections then do not, so that a file that was deleted does not come back empty.
MessageStoreOptions opened(const MessageStoreOptions& options) {
  options.check();
  const StoreConnection first(options, MissingFile::create);
  return options;
}

ConnectionPoolOptions sizes_of(const MessageStoreOptions& options) {
  ConnectionPoolOptions sizes;
  sizes.min = 1;
  sizes.max = options.readers + 1;  // and the writer
  return sizes;
}

std::uint64_t checked(std::uint64_t sequence) {
  if (sequence <= kLastSequence) return sequence;
  throw std::invalid_argument("MessageStore: sequence must be at most " + std::to_string(kLastSequence) +
                              ", got " + std::to_string(sequence));
}

}  // namespace

MessageStore::MessageStore(const MessageStoreOptions& options)
    : options_(opened(options)),
      pool_(
          sizes_of(options_),
          [this] { return std::make_unique<StoreConnection>(options_, MissingFile::refuse); },
          [](StoreConnection& connection) { return connection.fit_for_use(); }),
      writer_(options_, pool_) {}

MessageStore::~MessageStore() = default;

AppendStatus MessageStore::append(const NewMessage& message, Completion completion, Deadline deadline) {
  return writer_.append({.kind = WriteKind::message,
                         .bytes = message.bytes,
                         .room = message.room,
                         .user = message.sender,
                         .sequence = checked(message.sequence),
                         .time_ns = message.time_ns,
                         .completion = completion},
                        message.body, deadline);
}

AppendStatus MessageStore::put_user(ClientId user, std::string_view name, Completion completion,
                                    Deadline deadline) {
  return put_name({.kind = WriteKind::user, .user = user, .completion = completion}, name, deadline);
}

AppendStatus MessageStore::put_room(RoomId room, std::string_view name, Completion completion,
                                    Deadline deadline) {
  return put_name({.kind = WriteKind::room, .room = room, .completion = completion}, name, deadline);
}

AppendStatus MessageStore::put_name(WriteEntry entry, std::string_view name, Deadline deadline) {
  if (name.size() > std::numeric_limits<std::uint32_t>::max()) return AppendStatus::too_large;
  entry.bytes = static_cast<std::uint32_t>(name.size());
  return writer_.append(entry, name.data(), deadline);
}

AppendStatus MessageStore::join(RoomId room, ClientId user, Completion completion, Deadline deadline) {
  return writer_.append({.kind = WriteKind::join, .room = room, .user = user, .completion = completion},
                        nullptr, deadline);
}

AppendStatus MessageStore::leave(RoomId room, ClientId user, Completion completion, Deadline deadline) {
  return writer_.append({.kind = WriteKind::leave, .room = room, .user = user, .completion = completion},
                        nullptr, deadline);
}

AppendStatus MessageStore::erase_before(RoomId room, std::uint64_t sequence, Completion completion,
                                        Deadline deadline) {
  return writer_.append({.kind = WriteKind::erase_before,
                         .room = room,
                         .sequence = checked(sequence),
                         .completion = completion},
                        nullptr, deadline);
}

void MessageStore::flush() {
  if (writer_.on_own_thread()) throw std::logic_error("MessageStore: must not be flushed from a completion");
  Receipt receipt;
  const WriteEntry marker{.completion = receipt.completion()};
  if (writer_.append(marker, nullptr, kNoDeadline) == AppendStatus::queued) {
    receipt.wait();
  } else {
    writer_.close();  // returns when the last entry is completed
  }
}

ConnectionPool<StoreConnection>::Lease MessageStore::reader() {
  auto lease = pool_.acquire_for(options_.read_time);
  if (lease) return lease;
  if (lease.status() == AcquireStatus::closed) {
    throw StoreError(StoreFault::closed, 0, options_.path, "read", "the store is closed");
  }
  throw StoreError(StoreFault::busy, 0, options_.path, "read", "no connection came free in time");
}

template <class Query>
auto MessageStore::read(Query&& query) {
  auto lease = reader();
  try {
    return query(*lease);
  } catch (...) {
    lease.mark_broken();  // the next one starts afresh
    throw;
  }
}

std::vector<StoredMessage> MessageStore::history(RoomId room, std::uint64_t before, std::size_t limit) {
  return read([&](StoreConnection& connection) { return connection.history(room, before, limit); });
}

std::vector<StoredMessage> MessageStore::history_between(RoomId room, std::int64_t from_ns,
                                                         std::int64_t to_ns, std::size_t limit) {
  return read(
      [&](StoreConnection& connection) { return connection.history_between(room, from_ns, to_ns, limit); });
}

std::uint64_t MessageStore::last_sequence(RoomId room) {
  return read([&](StoreConnection& connection) { return connection.last_sequence(room); });
}

std::vector<ClientId> MessageStore::members(RoomId room) {
  return read([&](StoreConnection& connection) { return connection.members(room); });
}

std::vector<RoomId> MessageStore::rooms_of(ClientId user) {
  return read([&](StoreConnection& connection) { return connection.rooms_of(user); });
}

std::optional<std::string> MessageStore::user_name(ClientId user) {
  return read([&](StoreConnection& connection) { return connection.user_name(user); });
}

std::optional<std::string> MessageStore::room_name(RoomId room) {
  return read([&](StoreConnection& connection) { return connection.room_name(room); });
}

std::string MessageStore::integrity() {
  return read([&](StoreConnection& connection) {
    return connection.database().query_text("PRAGMA integrity_check");
  });
}

void MessageStore::close() {
  writer_.close();
  pool_.close();
}

}  // namespace crosstalk::pool
