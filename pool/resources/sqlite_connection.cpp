#include "pool/resources/sqlite_connection.h"

#include <sqlite3.h>

#include <algorithm>
#include <climits>

#include "pool/resources/sqlite_statement.h"
#include "pool/resources/store_error.h"

namespace crosstalk::pool {

SqliteConnection::SqliteConnection(const SqliteOptions& options) : path_(options.path) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (options.create ? SQLITE_OPEN_CREATE : 0);
  const int code =
      sqlite3_open_v2(path_.c_str(), &database_, flags, options.vfs.empty() ? nullptr : options.vfs.c_str());
  try {
    check(code, "open");
  } catch (...) {
    sqlite3_close_v2(database_);  // after a failure there usually is one too, to tell the error
    throw;
  }
  sqlite3_extended_result_codes(database_, 1);
  wait_for_lock(options.wait_for_lock);
}

SqliteConnection::~SqliteConnection() {
  sqlite3_close_v2(database_);
}

void SqliteConnection::execute(const char* sql) {
  check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr), sql);
}

std::int64_t SqliteConnection::query_integer(const char* sql) {
  SqliteStatement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::string SqliteConnection::query_text(const char* sql) {
  SqliteStatement statement(*this, sql);
  return statement.step() ? std::string(statement.bytes(0)) : std::string();
}

bool SqliteConnection::in_transaction() const noexcept {
  return sqlite3_get_autocommit(database_) == 0;
}

bool SqliteConnection::file_has_moved() const noexcept {
  int moved = 0;
  // A file layer that cannot tell leaves the answer as it is.
  sqlite3_file_control(database_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return moved != 0;
}

bool SqliteConnection::read_only() const noexcept {
  return sqlite3_db_readonly(database_, "main") == 1;
}

void SqliteConnection::wait_for_lock(std::chrono::milliseconds time) noexcept {
  const auto wait_ms = std::clamp<std::chrono::milliseconds::rep>(time.count(), 0, INT_MAX);
  sqlite3_busy_timeout(database_, static_cast<int>(wait_ms));
}

void SqliteConnection::check(int code, std::string_view doing) const {
  if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) fail(code, doing);
}

void SqliteConnection::fail(int code, std::string_view doing) const {
  const char* text = database_ != nullptr ? sqlite3_errmsg(database_) : sqlite3_errstr(code);
  throw StoreError(fault_of(code), code, path_, doing, text);
}

}  // namespace crosstalk::pool
