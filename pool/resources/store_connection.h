// store_connection: a connection of the message store with its statements prepared. What the store's pool lends; to be
// used by one thread at a time. Everything blocks on the disk; what fails throws StoreError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pool/resources/message_store_options.h"
#include "pool/resources/sqlite_connection.h"
#include "pool/resources/sqlite_statement.h"
#include "pool/resources/store_error.h"
#include "pool/resources/store_schema.h"
#include "pool/resources/stored_message.h"
#include "pool/resources/write_queue.h"

namespace crosstalk::pool {

class StoreConnection {
 public:
  StoreConnection(const MessageStoreOptions& options, MissingFile missing);

  // Whether it may be lent: no transaction was left behind, and the file is still the one that was opened.
  [[nodiscard]] bool fit_for_use() const noexcept;
  [[nodiscard]] SqliteConnection& database() noexcept { return *database_; }

  // Within a transaction. `duplicate` leaves the transaction as it was; all other faults are thrown.
  StoreFault write(const WriteEntry& entry);

  // In ascending order of sequence: the last `limit` below `before`.
  [[nodiscard]] std::vector<StoredMessage> history(RoomId room, std::uint64_t before, std::size_t limit);
  // In ascending order of time: the first `limit` with from_ns <= time < to_ns.
  [[nodiscard]] std::vector<StoredMessage> history_between(RoomId room, std::int64_t from_ns,
                                                           std::int64_t to_ns, std::size_t limit);
  [[nodiscard]] std::uint64_t last_sequence(RoomId room);  // 0 if there is none
  // In ascending order.
  [[nodiscard]] std::vector<ClientId> members(RoomId room);
  [[nodiscard]] std::vector<RoomId> rooms_of(ClientId user);
  [[nodiscard]] std::optional<std::string> user_name(ClientId user);
  [[nodiscard]] std::optional<std::string> room_name(RoomId room);

  // Pages in the log after the last transaction that this connection has committed.
  [[nodiscard]] int log_pages() const noexcept { return log_pages_; }
  // Moves what is in the log into the file, as far as readers allow. With `wait` it waits for the readers (as long as the
  // connection waits for locks), so that the log starts anew.
  enum class Readers : bool { leave_alone, wait };
  void checkpoint(Readers readers);

 private:
  std::unique_ptr<SqliteConnection> database_;  // before the statements, which it must outlive
  SqliteStatement put_message_, put_user_, put_room_, join_, leave_, erase_before_;
  SqliteStatement history_, history_between_, last_sequence_, members_, rooms_of_, user_name_, room_name_;
  int log_pages_ = 0;
};

}  // namespace crosstalk::pool
