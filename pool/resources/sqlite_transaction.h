// sqlite_transaction: runs work between BEGIN IMMEDIATE and COMMIT, and all of it again while others are in the way.
//
// BEGIN IMMEDIATE takes the write lock before the first read. A transaction that has read first and writes later may find
// that somebody wrote in between (SQLITE_BUSY_SNAPSHOT), for which no waiting helps: it has to start again from the
// beginning. Here every transaction that meets SQLITE_BUSY in any form is rolled back and run again as a whole, until the
// time is up.
//
// After any error sqlite3_get_autocommit() decides whether there still is something to roll back: for some (disk full,
// input and output, memory) SQLite has done so by itself, or may have.
#pragma once

#include <chrono>
#include <functional>

#include "pool/resources/sqlite_connection.h"

namespace crosstalk::pool {

struct BusyPolicy {
  std::chrono::nanoseconds time =
      std::chrono::seconds(2);     // from the first try on; the last try may exceed it
  std::function<void()> on_retry;  // before every further try
};

// Returns after a successful COMMIT, else throws what was thrown, StoreError with fault `busy` once the time is up. The
// work may run several times; what it did before is undone. Blocks; must not be called inside a transaction.
void run_transaction(SqliteConnection& connection, const BusyPolicy& policy,
                     const std::function<void()>& work);

}  // namespace crosstalk::pool
