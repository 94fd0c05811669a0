#include "pool/chat/message_log.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "pool/resources/store_test_help.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

// A log with what its callers have: memory for messages, and a thread's writer into it.
struct LogSetting {
  explicit LogSetting(std::uint32_t page_messages)
      : store(store_options_at(folder)), log(store, page_messages) {}

  void append(RoomId room, std::uint64_t sequence, std::uint32_t bytes, Completion persisted = {}) {
    Message* const message = writer.write(room, 5, sequence, bytes);
    message->sequence = sequence;
    log.append(*message, persisted);
  }
  std::vector<std::uint64_t> newest(RoomId room, std::uint32_t count) {
    Deliveries found;
    REQUIRE(log.newest(room, count, writer, found));
    std::vector<std::uint64_t> sequences;
    for (const Delivery& delivery : found) {
      sequences.push_back(delivery.sequence);
      CHECK(delivery.message->sequence == delivery.sequence);
      CHECK(delivery.message->room == room);
      CHECK(delivery.message->sender == 5);
    }
    arena.release(found.data(), found.size());
    return sequences;
  }

  StoreFolder folder;
  MessageArena arena;
  MessageArena::Writer writer{arena};
  MessageStore store;
  MessageLog log;
};

TEST_CASE("the history shows every acknowledged post, the newest ones", "[pool][message_log]") {
  LogSetting setting(4);
  CHECK(setting.newest(1, 10).empty());
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) setting.append(1, sequence, 10);
  setting.append(2, 1, 10);
  setting.log.settle();
  CHECK(setting.newest(1, 10) == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(setting.newest(1, 2) == std::vector<std::uint64_t>{2, 3});
  CHECK(setting.newest(2, 10) == std::vector<std::uint64_t>{1});
  for (std::uint64_t sequence = 4; sequence <= 6; ++sequence) setting.append(1, sequence, 10);
  setting.log.settle();
  CHECK(setting.newest(1, 10) == std::vector<std::uint64_t>{3, 4, 5, 6});
}

TEST_CASE("a message comes out of the history with the body it had", "[pool][message_log]") {
  LogSetting setting(4);
  setting.append(1, 1, 100);
  setting.append(1, 2, 0);
  setting.log.settle();
  Deliveries found;
  REQUIRE(setting.log.newest(1, 4, setting.writer, found));
  REQUIRE(found.size() == 2);
  const Message& message = *found[0].message;
  CHECK(message.bytes == 100);
  CHECK(
      std::all_of(message.body(), message.body() + 100, [](std::byte byte) { return byte == std::byte{1}; }));
  CHECK(found[1].message->bytes == 0);
  setting.arena.release(found.data(), found.size());
}

TEST_CASE("a post that cannot be stored is told so, and the history fails by its answer",
          "[pool][message_log]") {
  LogSetting setting(4);
  StoreTally tally;
  setting.append(1, 1, 10, tally.completion(1));
  setting.append(1, 1, 10, tally.completion(1));  // the same number again
  setting.log.settle();
  CHECK(tally.acknowledged == 1);
  CHECK(tally.failed == 1);
  CHECK(tally.last_fault == static_cast<int>(StoreFault::duplicate));
  setting.store.close();
  setting.append(1, 2, 10, tally.completion(2));
  CHECK(tally.last_fault == static_cast<int>(StoreFault::closed));
  Deliveries found;
  CHECK_FALSE(setting.log.newest(7, 4, setting.writer, found));
  CHECK(found.empty());
}

// Readers look while posts are acknowledged: nobody may see less than was acknowledged before.
TEST_CASE("no history leaves out what was acknowledged before it began", "[pool][message_log][stress]") {
  for (unsigned round = 0; round < stress_rounds(4); ++round) {
    LogSetting setting(8);
    std::atomic<std::uint64_t> acknowledged{0};
    std::atomic<std::uint64_t> stale{0};
    std::atomic<bool> end{false};
    const auto note = [](void* context, std::uint64_t tag, StoreResult) noexcept {
      static_cast<std::atomic<std::uint64_t>*>(context)->store(tag);
    };
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i) {
      readers.emplace_back([&] {
        MessageArena::Writer writer(setting.arena);
        Deliveries found;
        while (!end) {
          const std::uint64_t before = acknowledged;
          found.clear();
          if (!setting.log.newest(3, 8, writer, found)) ++stale;
          const std::uint64_t last = found.empty() ? 0 : found.back().sequence;
          if (last < before) ++stale;
          setting.arena.release(found.data(), found.size());
        }
      });
    }
    for (std::uint64_t sequence = 1; sequence <= 300; ++sequence) {
      setting.append(3, sequence, 20, {note, &acknowledged, sequence});
      if (sequence % 8 == 0) setting.log.settle();
    }
    setting.log.settle();
    end = true;
    for (std::thread& reader : readers) reader.join();
    CHECK(acknowledged == 300);
    CHECK(stale == 0);
  }
}

}  // namespace
}  // namespace crosstalk::pool
