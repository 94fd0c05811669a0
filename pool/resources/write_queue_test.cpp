#include "pool/resources/write_queue.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

WriteEntry queue_entry(std::uint64_t sequence, std::uint32_t bytes = 0) {
  WriteEntry entry;
  entry.sequence = sequence;
  entry.bytes = bytes;
  return entry;
}

TEST_CASE("entries come out of the write queue in order with their bodies", "[pool][store]") {
  WriteQueue queue(4096);
  const std::string body = "thirteen byte";
  CHECK(queue.push(queue_entry(1, 13), body.data(), kNoDeadline) == AppendStatus::queued);
  CHECK(queue.push(queue_entry(2), nullptr, kNoDeadline) == AppendStatus::queued);
  CHECK(queue.size() == 2);
  const WriteBatch batch = queue.take();
  REQUIRE(batch.entries == 2);
  CHECK(batch.first->sequence == 1);
  CHECK(std::memcmp(batch.first->body(), body.data(), 13) == 0);
  CHECK(batch.first->next().sequence == 2);
  CHECK(queue.size() == 0);
}

TEST_CASE("a full write queue answers full at the deadline, and has space after a take", "[pool][store]") {
  WriteQueue queue(3 * sizeof(WriteEntry));
  for (std::uint64_t n = 0; n < 3; ++n) {
    CHECK(queue.push(queue_entry(n), nullptr, Deadline{}) == AppendStatus::queued);
  }
  CHECK(queue.push(queue_entry(3), nullptr, Deadline{}) == AppendStatus::full);
  CHECK(queue.push(queue_entry(3), nullptr, deadline_in(std::chrono::milliseconds(1))) == AppendStatus::full);
  const std::string large(3 * sizeof(WriteEntry), 'x');
  const auto bytes = static_cast<std::uint32_t>(large.size());
  CHECK(queue.push(queue_entry(3, bytes), large.data(), kNoDeadline) == AppendStatus::too_large);
  CHECK(queue.take().entries == 3);
  CHECK(queue.push(queue_entry(3), nullptr, Deadline{}) == AppendStatus::queued);
}

TEST_CASE("a closed write queue refuses, and hands out what it has", "[pool][store]") {
  WriteQueue queue(4096);
  CHECK(queue.push(queue_entry(1), nullptr, kNoDeadline) == AppendStatus::queued);
  queue.close();
  CHECK(queue.push(queue_entry(2), nullptr, kNoDeadline) == AppendStatus::closed);
  CHECK(queue.take().entries == 1);
  CHECK(queue.take().entries == 0);
  CHECK(queue.take().entries == 0);
}

// Tiny halves: everybody waits for space all the time, and every wake-up matters.
TEST_CASE("everything pushed is taken once, in the order of each thread, whole", "[pool][store][stress]") {
  constexpr std::uint64_t kEach = 500;
  for (unsigned round = 0; round < stress_rounds(60); ++round) {
    WriteQueue queue(400 + 64 * (round % 4));
    std::vector<std::thread> threads;
    for (ClientId thread = 0; thread < 3; ++thread) {
      threads.emplace_back([&queue, thread] {
        for (std::uint64_t n = 0; n < kEach; ++n) {
          WriteEntry entry = queue_entry(n, static_cast<std::uint32_t>(n % 60));
          entry.user = thread;
          const std::string body(entry.bytes, static_cast<char>('a' + n % 26));
          static_cast<void>(queue.push(entry, body.data(), kNoDeadline));
        }
      });
    }
    std::vector<std::uint64_t> next(3, 0);
    std::uint64_t wrong = 0;
    std::thread taker([&] {
      for (WriteBatch batch = queue.take(); batch.entries > 0; batch = queue.take()) {
        const WriteEntry* entry = batch.first;
        for (std::size_t i = 0; i < batch.entries; ++i, entry = &entry->next()) {
          wrong += entry->sequence != next[entry->user]++;
          for (std::uint32_t at = 0; at < entry->bytes; ++at) {
            wrong += entry->body()[at] != static_cast<std::byte>('a' + entry->sequence % 26);
          }
        }
      }
    });
    for (std::thread& thread : threads) thread.join();
    queue.close();
    taker.join();
    REQUIRE(wrong == 0);
    REQUIRE(next == std::vector<std::uint64_t>(3, kEach));
  }
}

}  // namespace
}  // namespace crosstalk::pool
