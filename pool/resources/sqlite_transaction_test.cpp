#include "pool/resources/sqlite_transaction.h"

#include <catch2/catch.hpp>

#include <sqlite3.h>

#include <stdexcept>

#include "pool/resources/sqlite_statement.h"
#include "pool/resources/store_error.h"
#include "pool/resources/store_test_help.h"

namespace crosstalk::pool {
namespace {

// A file in WAL mode with one table, and two connections to it.
struct TransactionBench {
  StoreFolder folder;
  SqliteConnection one{{.path = folder.file(), .vfs = {}}};
  SqliteConnection other{{.path = folder.file(), .vfs = {}}};

  TransactionBench() {
    one.execute("PRAGMA journal_mode=WAL; CREATE TABLE numbers(number INTEGER PRIMARY KEY)");
  }
  std::int64_t count() { return one.query_integer("SELECT count(*) FROM numbers"); }
};

TEST_CASE("a statement gives back what was bound, empty and with NUL too", "[pool][sqlite]") {
  TransactionBench bench;
  bench.one.execute("CREATE TABLE texts(id INTEGER, text TEXT NOT NULL, blob BLOB NOT NULL)");
  SqliteStatement insert(bench.one, "INSERT INTO texts VALUES(?1, ?2, ?3)");
  CHECK(insert.bind(1, -5).bind_text(2, {}).bind_blob(3, nullptr, 0).run() == SQLITE_DONE);
  CHECK(insert.bind(1, 5).bind_text(2, "abc").bind_blob(3, "\0x", 2).run() == SQLITE_DONE);
  SqliteStatement select(bench.one, "SELECT id, text, blob FROM texts ORDER BY id");
  REQUIRE(select.step());
  CHECK(select.integer(0) == -5);
  CHECK(select.bytes(1).empty());
  CHECK(select.bytes(2).empty());
  REQUIRE(select.step());
  CHECK(select.bytes(1) == "abc");
  CHECK(select.bytes(2) == std::string_view("\0x", 2));
  CHECK_FALSE(select.step());
}

TEST_CASE("an error of SQLite bears path, statement and SQLite's text", "[pool][sqlite]") {
  TransactionBench bench;
  CHECK_THROWS_WITH(bench.one.execute("SELECT * FROM absent"),
                    bench.folder.file() + ": SELECT * FROM absent: no such table: absent");
}

TEST_CASE("what the work throws comes out and its writing is undone", "[pool][sqlite]") {
  TransactionBench bench;
  CHECK_THROWS_WITH(run_transaction(bench.one, {},
                                    [&bench] {
                                      bench.one.execute("INSERT INTO numbers VALUES(1)");
                                      throw std::runtime_error("second thoughts");
                                    }),
                    "second thoughts");
  CHECK_FALSE(bench.one.in_transaction());
  CHECK(bench.count() == 0);
}

TEST_CASE("a transaction that finds another writer is tried within its bound, then is an error",
          "[pool][sqlite]") {
  TransactionBench bench;
  bench.other.execute("BEGIN IMMEDIATE");
  int retries = 0;
  const BusyPolicy policy{std::chrono::milliseconds(200), [&retries] { ++retries; }};
  try {
    run_transaction(bench.one, policy, [&bench] { bench.one.execute("INSERT INTO numbers VALUES(1)"); });
    FAIL("the other connection did not keep the lock");
  } catch (const StoreError& error) {
    CHECK(error.fault() == StoreFault::busy);
    CHECK(error.path() == bench.folder.file());
  }
  CHECK(retries > 0);
  bench.other.execute("ROLLBACK");
  CHECK(bench.count() == 0);
}

TEST_CASE("a transaction that finds another writer goes through once that one is done", "[pool][sqlite]") {
  TransactionBench bench;
  bench.other.execute("BEGIN IMMEDIATE; INSERT INTO numbers VALUES(1)");
  int retries = 0;
  const BusyPolicy policy{std::chrono::hours(1), [&] {
                            if (++retries == 3) bench.other.execute("COMMIT");
                          }};
  run_transaction(bench.one, policy, [&bench] { bench.one.execute("INSERT INTO numbers VALUES(2)"); });
  CHECK(retries == 3);
  CHECK(bench.count() == 2);
}

// SELECT, a foreign write, then a write: no waiting helps the transaction, it has to begin again.
TEST_CASE("SQLITE_BUSY_SNAPSHOT makes the whole transaction run again", "[pool][sqlite]") {
  TransactionBench bench;
  SqliteConnection reader({.path = bench.folder.file(), .vfs = {}});
  int runs = 0;
  run_transaction(bench.one, BusyPolicy{std::chrono::hours(1), {}}, [&] {
    if (++runs == 1) {
      // What BEGIN IMMEDIATE prevents for the work itself, made with another connection.
      bench.one.execute("INSERT INTO numbers VALUES(1); COMMIT");
      reader.execute("BEGIN");
      static_cast<void>(reader.query_integer("SELECT count(*) FROM numbers"));
      bench.one.execute("BEGIN IMMEDIATE; INSERT INTO numbers VALUES(2); COMMIT");
      try {
        reader.execute("INSERT INTO numbers VALUES(4)");
      } catch (const StoreError& error) {
        CHECK(error.sqlite_code() == SQLITE_BUSY_SNAPSHOT);
        reader.execute("ROLLBACK");
        bench.one.execute("BEGIN IMMEDIATE; INSERT INTO numbers VALUES(3)");
        throw;
      }
    }
    bench.one.execute("INSERT INTO numbers VALUES(5)");
  });
  CHECK(runs == 2);
  CHECK(bench.one.query_text("SELECT group_concat(number) FROM numbers") == "1,2,5");  // 3 was undone
}

}  // namespace
}  // namespace crosstalk::pool
