#include "pool/resources/store_schema.h"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <string>

#include "pool/resources/store_error.h"
#include "pool/resources/store_test_help.h"

namespace crosstalk::pool {
namespace {

// The fault and text with which a store refuses the file.
std::pair<StoreFault, std::string> refusal(const MessageStoreOptions& options) {
  try {
    const MessageStore store(options);
  } catch (const StoreError& error) {
    CHECK(error.path() == options.path);
    return {error.fault(), error.what()};
  }
  return {StoreFault::none, ""};
}

TEST_CASE("an existing file is opened again with everything in it", "[pool][store]") {
  const StoreFolder folder;
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
    MessageStore store(store_options_at(folder));
    CHECK(store.last_sequence(1) == sequence - 1);
    store.append(new_message(1, sequence, "again"));
  }
  MessageStore store(store_options_at(folder));
  CHECK(store.history(1, 100, 100).size() == 3);
}

TEST_CASE("a file that is no database is refused and left as it is", "[pool][store]") {
  const StoreFolder folder;
  const std::string text(5000, 'x');
  std::ofstream(folder.file()) << text;
  const auto [fault, what] = refusal(store_options_at(folder));
  CHECK(fault == StoreFault::not_a_database);
  CHECK_THAT(what, Catch::Contains(folder.file()) && Catch::Contains("file is not a database"));
  std::ifstream file(folder.file());
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == text);
}

TEST_CASE("a schema of another version is refused with both numbers", "[pool][store]") {
  const StoreFolder folder;
  { const MessageStore store(store_options_at(folder)); }
  {
    SqliteConnection connection({.path = folder.file(), .vfs = {}});
    connection.execute("PRAGMA user_version=99");
  }
  const auto [fault, what] = refusal(store_options_at(folder));
  CHECK(fault == StoreFault::other_version);
  CHECK_THAT(what, Catch::Contains("schema version 99") && Catch::Contains("version 1"));
}

TEST_CASE("the database of another program is refused", "[pool][store]") {
  const StoreFolder folder;
  {
    SqliteConnection connection({.path = folder.file(), .vfs = {}});
    connection.execute("CREATE TABLE theirs(id)");
  }
  const auto [fault, what] = refusal(store_options_at(folder));
  CHECK(fault == StoreFault::other_version);
  CHECK_THAT(what, Catch::Contains("another program"));
}

TEST_CASE("a folder that does not exist is an error with path and SQLite's text", "[pool][store]") {
  const StoreFolder folder;
  MessageStoreOptions options = store_options_at(folder);
  options.path = folder.path() + "/missing/chat.db";
  const auto [fault, what] = refusal(options);
  CHECK(fault == StoreFault::cannot_open);
  CHECK(what == options.path + ": open: unable to open database file");
}

// The administrator may write everywhere, so the test is somebody else meanwhile.
class StoreTestUser {
 public:
  StoreTestUser() : changed_(geteuid() == 0 && seteuid(65534) == 0) {}
  ~StoreTestUser() {
    if (changed_ && seteuid(0) != 0) changed_ = false;
  }
  StoreTestUser(const StoreTestUser&) = delete;
  StoreTestUser& operator=(const StoreTestUser&) = delete;

 private:
  bool changed_;
};

TEST_CASE("a read-only folder is one clear error, with and without a file in it", "[pool][store]") {
  const StoreFolder folder;
  REQUIRE(chmod(folder.path().c_str(), 0555) == 0);
  std::optional<StoreTestUser> user(std::in_place);
  const auto fresh = refusal(store_options_at(folder));
  user.reset();
  REQUIRE(chmod(folder.path().c_str(), 0755) == 0);
  { const MessageStore store(store_options_at(folder)); }
  REQUIRE(chmod(folder.file().c_str(), 0444) == 0);
  REQUIRE(chmod(folder.path().c_str(), 0555) == 0);
  user.emplace();
  const auto existing = refusal(store_options_at(folder));
  user.reset();
  REQUIRE(chmod(folder.path().c_str(), 0755) == 0);
  CHECK(fresh.first == StoreFault::cannot_open);
  CHECK((existing.first == StoreFault::cannot_open || existing.first == StoreFault::read_only));
  CHECK_THAT(existing.second, Catch::Contains(folder.file()));
}

}  // namespace
}  // namespace crosstalk::pool
