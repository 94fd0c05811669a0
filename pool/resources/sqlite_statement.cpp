#include "pool/resources/sqlite_statement.h"

#include <sqlite3.h>

namespace crosstalk::pool {

SqliteStatement::SqliteStatement(SqliteConnection& connection, const char* sql) : connection_(connection) {
  connection_.check(
      sqlite3_prepare_v3(connection_.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr),
      sql);
}

SqliteStatement::~SqliteStatement() {
  sqlite3_finalize(statement_);
}

SqliteStatement& SqliteStatement::bind(int parameter, std::int64_t value) {
  connection_.check(sqlite3_bind_int64(statement_, parameter, value), "bind");
  return *this;
}

SqliteStatement& SqliteStatement::bind_text(int parameter, std::string_view text) {
  // A null pointer would bind NULL instead of nothing.
  const char* data = text.data() != nullptr ? text.data() : "";
  connection_.check(sqlite3_bind_text64(statement_, parameter, data, text.size(), SQLITE_STATIC, SQLITE_UTF8),
                    "bind");
  return *this;
}

SqliteStatement& SqliteStatement::bind_blob(int parameter, const void* data, std::size_t bytes) {
  // As above.
  connection_.check(
      sqlite3_bind_blob64(statement_, parameter, data != nullptr ? data : "", bytes, SQLITE_STATIC), "bind");
  return *this;
}

bool SqliteStatement::step() {
  const int code = sqlite3_step(statement_);
  connection_.check(code, sqlite3_sql(statement_));
  return code == SQLITE_ROW;
}

int SqliteStatement::run() noexcept {
  const int code = sqlite3_step(statement_);
  reset();
  return code;
}

void SqliteStatement::reset() noexcept {
  sqlite3_reset(statement_);  // repeats the error of the last step, which was reported by it
}

std::int64_t SqliteStatement::integer(int column) const noexcept {
  return sqlite3_column_int64(statement_, column);
}

std::string_view SqliteStatement::bytes(int column) const noexcept {
  const void* data = sqlite3_column_blob(statement_, column);  // null where nothing is stored
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(data), size);
}

}  // namespace crosstalk::pool
