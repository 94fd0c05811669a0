#include "pool/resources/store_schema.h"

#include <string>

#include "pool/resources/sqlite_transaction.h"
#include "pool/resources/store_error.h"

namespace crosstalk::pool {

namespace {

// Messages lie in the order in which they came, so that writing them is writing a few pages to the end; only the two small
// indexes are written all over. The first is also what keeps a message from being stored twice.
constexpr const char* kTables = R"(
  CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE rooms(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE memberships(room INTEGER NOT NULL, user INTEGER NOT NULL, PRIMARY KEY(room, user)) WITHOUT ROWID;
  CREATE INDEX memberships_by_user ON memberships(user, room);
  CREATE TABLE messages(id INTEGER PRIMARY KEY, room INTEGER NOT NULL, sequence INTEGER NOT NULL,
    sender INTEGER NOT NULL, time_ns INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE(room, sequence));
  CREATE INDEX messages_by_time ON messages(room, time_ns, sequence);
)";

const char* synchronous_of(Durability durability) {
  switch (durability) {
    case Durability::none:
      return "PRAGMA synchronous=OFF";
    case Durability::normal:
      return "PRAGMA synchronous=NORMAL";
    case Durability::full:
      break;
  }
  return "PRAGMA synchronous=FULL";
}

void require_version(SqliteConnection& connection) {
  const std::int64_t application = connection.query_integer("PRAGMA application_id");
  const std::int64_t version = connection.query_integer("PRAGMA user_version");
  if (application == kStoreApplicationId && version == kStoreVersion) return;
  const std::string text =
      application == kStoreApplicationId
          ? "schema version " + std::to_string(version) + ", this program reads and writes version " +
                std::to_string(kStoreVersion)
          : "an SQLite database of another program (application_id " + std::to_string(application) + ")";
  throw StoreError(StoreFault::other_version, 0, connection.path(), "open the message store", text);
}

bool is_empty(SqliteConnection& connection) {
  return connection.query_integer("PRAGMA application_id") == 0 &&
         connection.query_integer("PRAGMA user_version") == 0 &&
         connection.query_integer("SELECT count(*) FROM sqlite_schema") == 0;
}

void create_tables(SqliteConnection& connection, const MessageStoreOptions& options) {
  run_transaction(connection, BusyPolicy{options.busy_time, {}}, [&connection] {
    if (!is_empty(connection)) return;  // another process was faster
    connection.execute(kTables);
    connection.execute(("PRAGMA application_id=" + std::to_string(kStoreApplicationId)).c_str());
    connection.execute(("PRAGMA user_version=" + std::to_string(kStoreVersion)).c_str());
  });
}

void configure(SqliteConnection& connection, const MessageStoreOptions& options) {
  connection.execute(synchronous_of(options.durability));
  connection.execute(("PRAGMA cache_size=-" + std::to_string(options.cache_kib)).c_str());
  if (options.max_pages > 0) {
    connection.execute(("PRAGMA max_page_count=" + std::to_string(options.max_pages)).c_str());
  }
}

}  // namespace

std::unique_ptr<SqliteConnection> open_store_file(const MessageStoreOptions& options, MissingFile missing) {
  using std::chrono::milliseconds;
  auto connection = std::make_unique<SqliteConnection>(
      SqliteOptions{options.path, options.vfs, missing == MissingFile::create,
                    std::chrono::duration_cast<milliseconds>(options.busy_time)});
  // The first look into the file: this is where another kind of file is found out.
  const bool empty = is_empty(*connection);
  if (connection->read_only()) {
    throw StoreError(StoreFault::read_only, 0, options.path, "open the message store",
                     "attempt to write a readonly database");
  }
  if (!empty) require_version(*connection);
  const std::string mode = connection->query_text("PRAGMA journal_mode=WAL");
  if (mode != "wal") {
    throw StoreError(StoreFault::cannot_open, 0, options.path, "PRAGMA journal_mode=WAL",
                     "the journal mode stays '" + mode + "'");
  }
  if (empty) create_tables(*connection, options);
  require_version(*connection);
  configure(*connection, options);
  return connection;
}

}  // namespace crosstalk::pool
