// What can go wrong with the message store, in words that a server can act upon; SQLite's own code stands beside.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace crosstalk::pool {

enum class StoreFault : std::uint8_t {
  none,
  busy,            // others held the database for longer than the store waits
  full,            // no space on the disk, or the store's own limit
  io,              // the disk said no
  no_memory,       // of the process
  read_only,       // file or folder must not be written
  cannot_open,     // no such folder, no permission
  not_a_database,  // the file is something else
  other_version,   // a database, but of another program, or another version of the store
  corrupt,         // the database is damaged
  duplicate,       // the room has a message with this sequence already
  closed,          // the store is
  other,
};

[[nodiscard]] std::string_view to_string(StoreFault fault) noexcept;
// Of a result code of SQLite, extended or not.
[[nodiscard]] StoreFault fault_of(int sqlite_code) noexcept;

class StoreError : public std::runtime_error {
 public:
  // what() is "path: what was done: text".
  StoreError(StoreFault fault, int sqlite_code, std::string path, std::string_view doing,
             std::string_view text);

  [[nodiscard]] StoreFault fault() const noexcept { return fault_; }
  [[nodiscard]] int sqlite_code() const noexcept { return sqlite_code_; }  // extended; 0 if not from SQLite
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  StoreFault fault_;
  int sqlite_code_;
  std::string path_;
};

}  // namespace crosstalk::pool
