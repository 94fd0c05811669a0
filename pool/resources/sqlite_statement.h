// sqlite_statement: one prepared statement of a connection, which must outlive it. To be used by the connection's thread.
// Parameters and columns count as in SQLite: parameters from 1, columns from 0. What fails throws StoreError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "pool/resources/sqlite_connection.h"

struct sqlite3_stmt;

namespace crosstalk::pool {

class SqliteStatement {
 public:
  SqliteStatement(SqliteConnection& connection, const char* sql);
  ~SqliteStatement();
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  // Text and blobs are not copied: they stay where they are until reset().
  SqliteStatement& bind(int parameter, std::int64_t value);
  SqliteStatement& bind_text(int parameter, std::string_view text);
  SqliteStatement& bind_blob(int parameter, const void* data, std::size_t bytes);

  // Whether there is a row.
  bool step();
  // As step(), for a statement without rows: SQLite's extended code instead of an exception, SQLITE_DONE if all is well.
  // The statement is reset.
  [[nodiscard]] int run() noexcept;
  // Ends the statement, and with it what it holds of the database. Parameters keep their values.
  void reset() noexcept;

  // Of the row. Text and blobs live until the next step() or reset().
  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  [[nodiscard]] std::string_view bytes(int column) const noexcept;

 private:
  SqliteConnection& connection_;
  sqlite3_stmt* statement_ = nullptr;
};

// Resets the statement at the end of a scope, so that no read transaction is left behind.
class StatementUse {
 public:
  explicit StatementUse(SqliteStatement& statement) noexcept : statement_(statement) {}
  ~StatementUse() { statement_.reset(); }
  StatementUse(const StatementUse&) = delete;
  StatementUse& operator=(const StatementUse&) = delete;
  SqliteStatement* operator->() const noexcept { return &statement_; }

 private:
  SqliteStatement& statement_;
};

}  // namespace crosstalk::pool
