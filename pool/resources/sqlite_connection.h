// sqlite_connection: one open connection to an SQLite database. To be used by one thread at a time: SQLite's own mutexes
// are off for it. Everything blocks on the disk; what fails throws StoreError with the path and SQLite's text.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

struct sqlite3;

namespace crosstalk::pool {

struct SqliteOptions {
  std::string path;
  std::string vfs;     // name of a registered file layer of SQLite; empty: the usual one
  bool create = true;  // whether a file that is not there is made
  std::chrono::milliseconds wait_for_lock{0};  // how long a statement waits for somebody else's lock
};

class SqliteConnection {
 public:
  explicit SqliteConnection(const SqliteOptions& options);
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  // Runs one or several statements and drops their rows.
  void execute(const char* sql);
  // The first column of the first row; 0 or empty if there is none.
  [[nodiscard]] std::int64_t query_integer(const char* sql);
  [[nodiscard]] std::string query_text(const char* sql);

  // After an error this is the only way to know whether SQLite has rolled back by itself.
  [[nodiscard]] bool in_transaction() const noexcept;
  // Whether the file at the path is no longer the one that was opened.
  [[nodiscard]] bool file_has_moved() const noexcept;
  [[nodiscard]] bool read_only() const noexcept;

  // How long a statement waits for somebody else's lock.
  void wait_for_lock(std::chrono::milliseconds time) noexcept;

  // Throws for every code but SQLITE_OK, SQLITE_ROW and SQLITE_DONE.
  void check(int code, std::string_view doing) const;
  [[noreturn]] void fail(int code, std::string_view doing) const;

  [[nodiscard]] sqlite3* handle() const noexcept { return database_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
  sqlite3* database_ = nullptr;
};

}  // namespace crosstalk::pool
