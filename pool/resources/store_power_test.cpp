// What a power failure leaves of a message store, at each of its syncs.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "pool/resources/power_loss.h"
#include "pool/resources/store_test_help.h"

namespace crosstalk::pool {
namespace {

// Database and log may each have got all of their writes onto the disk, or what was synced only.
void check_after_power_loss(const StoreFolder& before, Durability durability, bool database_written,
                            bool log_written, const std::vector<std::uint64_t>& acknowledged) {
  INFO("database written: " << database_written << ", log written: " << log_written);
  const StoreFolder after;
  PowerLoss::leave(before.file(), database_written, after.file());
  PowerLoss::leave(before.file() + "-wal", log_written, after.file() + "-wal");
  MessageStoreOptions options = store_options_at(after);
  MessageStore store(options);
  CHECK(store.integrity() == "ok");
  const std::vector<std::uint64_t> found = sequences_of(store.history(1, kLastSequence, 1000));
  // Stored in order: what is lost is a tail.
  for (std::size_t i = 0; i < found.size(); ++i) REQUIRE(found[i] == i + 1);
  if (durability == Durability::full) REQUIRE(found.size() >= acknowledged.size());
}

// True if the power failed, that is, if there were so many syncs.
bool fail_before_sync(PowerLoss& loss, std::int64_t sync, Durability durability) {
  const StoreFolder folder;
  MessageStoreOptions options = store_options_at(folder);
  options.vfs = PowerLoss::kName;
  options.durability = durability;
  options.checkpoint_pages = 8;
  StoreTally tally;
  std::vector<std::uint64_t> acknowledged;  // when it happened; written by the store's thread
  loss.fail_before(sync, [&] { acknowledged = tally.sequences; });
  {
    MessageStore store(options);
    for (std::uint64_t sequence = 1; sequence <= 20; ++sequence) {
      store.append(new_message(1, sequence, std::string(400, 'x')), tally.completion(sequence));
      if (sequence % 5 == 0) store.flush();
    }
  }
  if (!loss.has_failed()) return false;
  INFO("before sync " << sync);
  for (const bool database_written : {false, true}) {
    for (const bool log_written : {false, true}) {
      check_after_power_loss(folder, durability, database_written, log_written, acknowledged);
    }
  }
  return true;
}

std::int64_t sweep_power_losses(Durability durability) {
  PowerLoss loss;
  std::int64_t sync = 1;
  while (fail_before_sync(loss, sync, durability)) ++sync;
  return sync - 1;
}

TEST_CASE("with durability full nothing acknowledged is lost when the power fails, whenever that is",
          "[pool][store][stress]") {
  CHECK(sweep_power_losses(Durability::full) > 5);
}

TEST_CASE("with durability normal a power failure costs a tail at most, and damages nothing",
          "[pool][store][stress]") {
  CHECK(sweep_power_losses(Durability::normal) > 1);
}

}  // namespace
}  // namespace crosstalk::pool
