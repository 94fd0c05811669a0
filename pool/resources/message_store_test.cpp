#include "pool/resources/message_store.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "pool/resources/store_test_help.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

using Sequences = std::vector<std::uint64_t>;

TEST_CASE("a message that was acknowledged is in the history of its room", "[pool][store]") {
  const StoreFolder folder;
  MessageStore store(store_options_at(folder));
  const std::string body("with a \0 inside", 15);
  Receipt receipt;
  REQUIRE(store.append(new_message(3, 1, body), receipt.completion()) == AppendStatus::queued);
  REQUIRE(receipt.wait().ok());
  const auto history = store.history(3, 100, 10);
  REQUIRE(history.size() == 1);
  CHECK(history[0] == StoredMessage{.room = 3, .sender = 7, .sequence = 1, .time_ns = 10, .body = body});
  CHECK(store.history(4, 100, 10).empty());
  CHECK(store.integrity() == "ok");
}

TEST_CASE("history is the last messages before a sequence, or those of a stretch of time", "[pool][store]") {
  const StoreFolder folder;
  MessageStore store(store_options_at(folder));
  for (std::uint64_t sequence = 1; sequence <= 9; ++sequence) {
    store.append(new_message(1, sequence, "one"));
    store.append(new_message(2, sequence + 100, ""));
  }
  store.flush();
  CHECK(sequences_of(store.history(1, ~std::uint64_t{0}, 3)) == Sequences{7, 8, 9});
  CHECK(sequences_of(store.history(1, 4, 2)) == Sequences{2, 3});
  CHECK(sequences_of(store.history(1, 1, 5)).empty());
  CHECK(sequences_of(store.history(1, 9, 0)).empty());
  CHECK(sequences_of(store.history_between(1, 30, 60, 10)) == Sequences{3, 4, 5});  // the end is not in it
  CHECK(sequences_of(store.history_between(1, 30, 60, 2)) == Sequences{3, 4});
  CHECK(sequences_of(store.history_between(2, 0, 30, 10)).empty());
  CHECK(store.history(2, 102, 1)[0].body.empty());
  CHECK(store.last_sequence(1) == 9);
  CHECK(store.last_sequence(5) == 0);
}

TEST_CASE("users, rooms and memberships are kept, the newest name wins", "[pool][store]") {
  const StoreFolder folder;
  {
    MessageStore store(store_options_at(folder));
    store.put_user(5, "Ada");
    store.put_user(5, "Ada Lovelace");
    store.put_room(1, "engines");
    for (const ClientId user : {9U, 5U, 7U}) store.join(1, user);
    store.join(1, 5);  // twice is once
    store.join(2, 5);
    store.leave(1, 9);
    store.leave(1, 1000);  // was no member
  }
  MessageStore store(store_options_at(folder));
  CHECK(store.user_name(5) == "Ada Lovelace");
  CHECK(store.user_name(6) == std::nullopt);
  CHECK(store.room_name(1) == "engines");
  CHECK(store.room_name(2) == std::nullopt);
  CHECK(store.members(1) == std::vector<ClientId>{5, 7});
  CHECK(store.rooms_of(5) == std::vector<RoomId>{1, 2});
}

TEST_CASE("a message stored already is a duplicate and the rest of its batch is not harmed",
          "[pool][store]") {
  const StoreFolder folder;
  MessageStore store(store_options_at(folder));
  StoreTally tally;
  for (const std::uint64_t sequence : {1UL, 2UL, 2UL, 3UL}) {
    store.append(new_message(1, sequence, "text"), tally.completion(sequence));
  }
  store.flush();
  CHECK(tally.sequences == Sequences{1, 2, 3});
  CHECK(tally.failed == 1);
  CHECK(tally.last_fault == static_cast<int>(StoreFault::duplicate));
  CHECK(store.stats().duplicates == 1);
  CHECK(store.stats().acknowledged == 4);  // the mark of flush() among them
  CHECK(store_balance(store.stats()));
}

TEST_CASE("closing a store completes everything that is queued, and refuses what comes later",
          "[pool][store]") {
  const StoreFolder folder;
  MessageStore store(store_options_at(folder));
  StoreTally tally;
  for (std::uint64_t sequence = 1; sequence <= 500; ++sequence) {
    store.append(new_message(1, sequence, "text"), tally.completion(sequence));
  }
  store.close();
  store.close();
  CHECK(tally.acknowledged == 500);
  CHECK(store.stats().queued == 0);
  CHECK(store.append(new_message(1, 501, "late"), tally.completion(501)) == AppendStatus::closed);
  CHECK(tally.acknowledged + tally.failed == 500);
  store.flush();
  try {
    static_cast<void>(store.history(1, 5, 5));
    FAIL("a closed store was read");
  } catch (const StoreError& error) {
    CHECK(error.fault() == StoreFault::closed);
  }
}

TEST_CASE("options that make no store are refused with bound and value", "[pool][store]") {
  const StoreFolder folder;
  MessageStoreOptions options = store_options_at(folder);
  options.readers = 0;
  CHECK_THROWS_WITH(MessageStore(options), "MessageStore: readers must be between 1 and 1024, got 0");
  options = store_options_at(folder);
  options.path.clear();
  CHECK_THROWS_AS(MessageStore(options), std::invalid_argument);
  MessageStore store(store_options_at(folder));
  CHECK_THROWS_AS(store.append(new_message(1, kLastSequence + 1, "")), std::invalid_argument);
  CHECK(store.append(new_message(1, kLastSequence, "last")) == AppendStatus::queued);
  store.flush();
  CHECK(store.history(1, ~std::uint64_t{0}, 1).size() == 1);
  CHECK(store.append(new_message(1, 1, std::string(1 << 16, 'x'))) == AppendStatus::too_large);
}

TEST_CASE("old messages are forgotten up to a sequence", "[pool][store]") {
  const StoreFolder folder;
  MessageStore store(store_options_at(folder));
  for (std::uint64_t sequence = 1; sequence <= 5; ++sequence) store.append(new_message(1, sequence, "text"));
  store.append(new_message(2, 1, "another room"));
  store.erase_before(1, 4);
  store.flush();
  CHECK(sequences_of(store.history(1, 100, 100)) == Sequences{4, 5});
  CHECK(store.history(2, 100, 100).size() == 1);
}

// A completion that would wait for space in the queue would wait for its own thread.
TEST_CASE("a completion may append, but neither waits for space nor closes the store", "[pool][store]") {
  struct Again {
    MessageStore& store;
    std::atomic<unsigned> refused{0};
    std::atomic<unsigned> threw{0};
    std::uint64_t sequence = 1000;
    static void done(void* self, std::uint64_t, StoreResult) noexcept {
      auto& again = *static_cast<Again*>(self);
      const std::string body(1000, 'x');
      while (again.store.append(new_message(1, again.sequence++, body)) == AppendStatus::queued) {
      }
      ++again.refused;
      try {
        again.store.close();
      } catch (const std::logic_error&) {
        ++again.threw;
      }
    }
  };
  const StoreFolder folder;
  MessageStore store(store_options_at(folder));
  Again again{store};
  store.append(new_message(1, 1, "first"), {&Again::done, &again, 0});
  store.flush();
  CHECK(again.refused == 1);
  CHECK(again.threw == 1);
}

TEST_CASE("reading a store beside its writer sees whole messages, each once", "[pool][store][stress]") {
  const StoreFolder folder;
  MessageStoreOptions options = store_options_at(folder);
  options.checkpoint_pages = 20;  // many checkpoints beside the readers
  MessageStore store(options);
  constexpr std::uint64_t kMessages = kSanitized ? 1000 : 10'000;
  std::atomic<unsigned> writing{2};
  std::atomic<unsigned> wrong{0};
  std::vector<std::thread> threads;
  for (RoomId room = 1; room <= 2; ++room) {
    threads.emplace_back([&, room] {
      for (std::uint64_t n = 1; n <= kMessages; ++n) store.append(new_message(room, n, std::to_string(n)));
      --writing;
    });
    threads.emplace_back([&, room] {
      std::uint64_t seen = 0;
      while (writing > 0) {
        const auto history = store.history(room, kLastSequence, 20);
        for (const StoredMessage& message : history)
          wrong += message.body != std::to_string(message.sequence);
        // One room is written by one thread, so what is stored is a stretch without gaps, and only grows.
        const std::uint64_t last = history.empty() ? 0 : history.back().sequence;
        wrong += last < seen || (!history.empty() && last - history.front().sequence + 1 != history.size());
        seen = last;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  store.flush();
  CHECK(wrong == 0);
  CHECK(store.last_sequence(1) == kMessages);
  CHECK(store.history(2, kLastSequence, 2 * kMessages).size() == kMessages);
  // The few messages under a sanitizer may fit into fewer pages.
  CHECK((kSanitized || store.stats().checkpoints > 0));
  CHECK(store.integrity() == "ok");
}

TEST_CASE("stores come and go while others append: each message has exactly one answer",
          "[pool][store][stress]") {
  for (unsigned round = 0; round < stress_rounds(20); ++round) {
    const StoreFolder folder;
    MessageStoreOptions options = store_options_at(folder);
    options.queue_bytes = 4096;  // callers wait for space
    options.durability = Durability::none;
    std::atomic<std::uint64_t> queued{0};
    StoreTally tally;
    {
      MessageStore store(options);
      std::vector<std::thread> threads;
      for (RoomId room = 1; room <= 3; ++room) {
        threads.emplace_back([&, room] {
          for (std::uint64_t n = 1; n <= 300; ++n) {
            const auto status = store.append(new_message(room, n, "text"), tally.completion(n));
            if (status == AppendStatus::closed) return;
            ++queued;
            if (room == 1 && n == 100 + round) store.close();
          }
        });
      }
      for (std::thread& thread : threads) thread.join();
      REQUIRE(store_balance(store.stats()));
      REQUIRE(store.stats().appended == queued);
    }
    REQUIRE(tally.acknowledged == queued);
    REQUIRE(tally.failed == 0);
  }
}

}  // namespace
}  // namespace crosstalk::pool
