// The message store on a disk that is full, fails or is held by others.
#include <catch2/catch.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <thread>

#include "pool/resources/faulty_disk.h"
#include "pool/resources/message_store.h"
#include "pool/resources/store_test_help.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

// The laws that hold after anything: acknowledged is a subset of stored, nothing twice, the file sound.
void check_store_laws(const MessageStoreOptions& options, const StoreTally& tally, std::uint64_t submitted) {
  MessageStoreOptions sound = options;
  sound.vfs.clear();
  sound.max_pages = 0;
  MessageStore store(sound);
  const auto stored = sequences_of(store.history(1, kLastSequence, submitted + 1));
  REQUIRE(std::adjacent_find(stored.begin(), stored.end()) == stored.end());
  REQUIRE(std::includes(stored.begin(), stored.end(), tally.sequences.begin(), tally.sequences.end()));
  REQUIRE((stored.empty() || stored.back() <= submitted));
  REQUIRE(store.integrity() == "ok");
}

StoreResult append_and_wait(MessageStore& store, std::uint64_t sequence, const std::string& body) {
  Receipt receipt;
  REQUIRE(store.append(new_message(1, sequence, body), receipt.completion()) == AppendStatus::queued);
  return receipt.wait();
}

TEST_CASE("a store held by another writer tries within its bound, fails unacknowledged, and works again",
          "[pool][store]") {
  const StoreFolder folder;
  MessageStoreOptions options = store_options_at(folder);
  options.busy_time = std::chrono::milliseconds(5);
  MessageStore store(options);
  SqliteConnection other({.path = folder.file(), .vfs = {}});
  other.execute("BEGIN IMMEDIATE");
  // How often it is tried within that time depends on the machine.
  CHECK(append_and_wait(store, 1, "in the way").fault == StoreFault::busy);
  CHECK_THAT(store.last_error(), Catch::Contains("database is locked"));
  other.execute("ROLLBACK");
  CHECK(store.history(1, 100, 100).empty());
  CHECK(append_and_wait(store, 1, "once more").ok());
  CHECK(store.stats().failed == 1);
  CHECK(store.stats().acknowledged == 1);
}

TEST_CASE("a store held by another writer goes on when that one is done", "[pool][store]") {
  const StoreFolder folder;
  MessageStoreOptions options = store_options_at(folder);
  options.busy_time = std::chrono::hours(1);
  MessageStore store(options);
  SqliteConnection other({.path = folder.file(), .vfs = {}});
  other.execute("BEGIN IMMEDIATE");
  Receipt receipt;
  store.append(new_message(1, 1, "patient"), receipt.completion());
  while (store.stats().busy_retries < 2) std::this_thread::yield();
  other.execute("COMMIT");
  CHECK(receipt.wait().ok());
  CHECK(store.stats().batches == 1);
}

TEST_CASE("a full disk fails the whole batch, acknowledges nothing of it, and the store stays usable",
          "[pool][store]") {
  const StoreFolder folder;
  MessageStoreOptions options = store_options_at(folder);
  options.max_pages = 60;
  StoreTally tally;
  std::uint64_t sequence = 0;
  {
    MessageStore store(options);
    const std::string body(500, 'x');
    while (tally.failed == 0) {
      for (int i = 0; i < 20; ++i) {
        ++sequence;
        store.append(new_message(1, sequence, body), tally.completion(sequence));
      }
      store.flush();
    }
    CHECK(tally.last_fault == static_cast<int>(StoreFault::full));
    CHECK_THAT(store.last_error(), Catch::Contains("full"));
    CHECK(store_balance(store.stats()));
    CHECK(sequences_of(store.history(1, kLastSequence, sequence)) == tally.sequences);
    store.erase_before(1, tally.sequences.back());
    store.flush();
    CHECK(append_and_wait(store, sequence + 1, "there is space again").ok());
    CHECK(store.history(1, kLastSequence, 1)[0].sequence == sequence + 1);
  }
  tally.sequences.clear();  // forgotten on purpose
  check_store_laws(options, tally, sequence + 1);
}

TEST_CASE("a file that was deleted gets no more acknowledgements", "[pool][store]") {
  const StoreFolder folder;
  MessageStore store(store_options_at(folder));
  CHECK(append_and_wait(store, 1, "before").ok());
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(folder.file() + suffix);
  CHECK(append_and_wait(store, 2, "after").fault == StoreFault::cannot_open);
  CHECK_THROWS_AS(store.history(1, 100, 100), StoreError);
}

// Opens a store, writes three batches and lets a checkpoint happen, with one fault on the way. True if it was met.
bool run_with_fault(FaultyDisk& disk, std::int64_t call, int code, std::int64_t more) {
  const StoreFolder folder;
  MessageStoreOptions options = store_options_at(folder);
  options.vfs = FaultyDisk::kName;
  options.durability = Durability::full;
  options.checkpoint_pages = 8;
  StoreTally tally;
  constexpr std::uint64_t kMessages = 30;
  disk.fail_at(call, code, more);
  bool failed = false;
  try {
    MessageStore store(options);
    for (std::uint64_t sequence = 1; sequence <= kMessages; ++sequence) {
      store.append(new_message(1, sequence, std::string(400, 'x')), tally.completion(sequence));
      if (sequence % 10 == 0) store.flush();
    }
    failed = disk.has_failed();
    disk.work_again();
    const MessageStoreStats stats = store.stats();
    REQUIRE(stats.queued == 0);
    REQUIRE(store_balance(stats));
    REQUIRE(tally.acknowledged + tally.failed == kMessages);
    REQUIRE((tally.failed > 0 || store.history(1, kLastSequence, 100).size() == kMessages));
    // The store works again on the connection it has, or on a new one.
    REQUIRE(append_and_wait(store, kMessages + 1, "after the fault").ok());
    tally.sequences.push_back(kMessages + 1);
  } catch (const StoreError& error) {
    // The constructor's: the only one that meets the disk on this thread before it works again.
    failed = true;
    REQUIRE(tally.acknowledged == 0);
    REQUIRE((error.fault() == StoreFault::io || error.fault() == StoreFault::full ||
             error.fault() == StoreFault::no_memory));
    disk.work_again();
  }
  check_store_laws(options, tally, kMessages + 1);
  return failed;
}

void sweep_store_faults(int code, std::int64_t more) {
  FaultyDisk disk;
  std::int64_t call = 1;
  std::int64_t met = 0;
  // Under sanitizers every third place; the others are swept by the build that measures.
  for (int missed = 0; missed < 2; call += kSanitized ? 3 : 1) {
    const bool failed = run_with_fault(disk, call, code, more);
    met += failed;
    missed = failed ? 0 : missed + 1;
    REQUIRE(call < 2000);
  }
  CHECK(met > 10);
}

TEST_CASE("a write or sync that fails with IOERR, wherever, loses nothing acknowledged",
          "[pool][store][stress]") {
  sweep_store_faults(SQLITE_IOERR, 0);
}

TEST_CASE("a disk that fails for a while, wherever, loses nothing acknowledged", "[pool][store][stress]") {
  sweep_store_faults(SQLITE_IOERR, 5);
}

TEST_CASE("a disk that is full for a moment, wherever, loses nothing acknowledged", "[pool][store][stress]") {
  sweep_store_faults(SQLITE_FULL, 0);
}

TEST_CASE("memory that fails in a write, wherever, loses nothing acknowledged", "[pool][store][stress]") {
  sweep_store_faults(SQLITE_IOERR_NOMEM, 0);
}

}  // namespace
}  // namespace crosstalk::pool
