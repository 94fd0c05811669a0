#include <catch2/catch.hpp>

#include <vector>

#include "pool/chat/inbox.h"

namespace crosstalk::pool {
namespace {

std::vector<std::uint64_t> sequences(const Deliveries& deliveries) {
  std::vector<std::uint64_t> result;
  for (const Delivery& delivery : deliveries) result.push_back(delivery.sequence);
  return result;
}

TEST_CASE("an inbox grows and keeps order", "[pool][inbox]") {
  const ServerOptions options;
  Inbox inbox;
  Deliveries out;
  for (std::uint64_t round = 0; round < 3; ++round) {
    for (std::uint64_t i = 0; i < 100; ++i) REQUIRE(inbox.push(0, {nullptr, i}, options).stored);
    out.clear();
    CHECK(inbox.receive(out) == 100);
    for (std::uint64_t i = 0; i < 100; ++i) CHECK(out[i].sequence == i);
  }
  CHECK(inbox.totals() == InboxTotals{.enqueued = 300, .received = 300});
}

TEST_CASE("a bounded inbox drops the oldest or the newest and counts it", "[pool][inbox]") {
  ServerOptions options;
  options.inbox_capacity = 3;
  const Message message;
  for (const InboxPolicy policy : {InboxPolicy::drop_oldest, InboxPolicy::drop_newest}) {
    options.inbox_policy = policy;
    Inbox inbox;
    for (std::uint64_t i = 1; i <= 5; ++i) {
      const auto result = inbox.push(0, {&message, i}, options);
      const bool dropping = i > 3;
      CHECK(result.stored == (!dropping || policy == InboxPolicy::drop_oldest));
      CHECK((result.evicted != nullptr) == (dropping && policy == InboxPolicy::drop_oldest));
    }
    Deliveries out;
    inbox.receive(out);
    const bool oldest = policy == InboxPolicy::drop_oldest;
    CHECK(sequences(out) ==
          (oldest ? std::vector<std::uint64_t>{3, 4, 5} : std::vector<std::uint64_t>{1, 2, 3}));
    CHECK(inbox.totals() == InboxTotals{.enqueued = 5, .received = 3, .dropped = 2});
  }
}

TEST_CASE("an overflow ends the session: told once, and nothing comes after it", "[pool][inbox]") {
  ServerOptions options;
  options.inbox_capacity = 2;
  options.inbox_policy = InboxPolicy::disconnect;
  Inbox inbox;
  Deliveries out;
  for (std::uint32_t generation = 0; generation < 2; ++generation) {
    for (std::uint64_t i = 1; i <= 2; ++i) REQUIRE(inbox.push(generation, {nullptr, i}, options).stored);
    const auto third = inbox.push(generation, {nullptr, 3}, options);
    CHECK_FALSE(third.stored);
    CHECK(third.overflowed);
    out.clear();
    inbox.receive(out);
    CHECK(sequences(out) == std::vector<std::uint64_t>{1, 2});
    // There is room again, but a message after the lost one would leave a gap.
    const auto fourth = inbox.push(generation, {nullptr, 4}, options);
    CHECK_FALSE(fourth.stored);
    CHECK_FALSE(fourth.overflowed);
    inbox.close(out);
  }
  CHECK(inbox.totals() == InboxTotals{.enqueued = 8, .received = 4, .dropped = 4});
}

TEST_CASE("an inbox costs nothing beside itself until it is used, and after it is trimmed", "[pool][inbox]") {
  const ServerOptions options;
  Inbox inbox;
  Deliveries out;
  CHECK(inbox.bytes() == sizeof(Inbox));
  for (std::uint64_t i = 0; i < 1'000; ++i) inbox.push(0, {nullptr, i}, options);
  inbox.trim();
  CHECK(inbox.bytes() >= 1'000 * sizeof(Delivery));  // something waits
  CHECK(inbox.receive(out) == 1'000);
  inbox.trim();
  CHECK(inbox.bytes() == sizeof(Inbox));
  CHECK(inbox.push(0, {nullptr, 1'000}, options).stored);
  out.clear();
  CHECK(inbox.receive(out) == 1);
}

TEST_CASE("what was sent to an ended session never reaches the next one", "[pool][inbox]") {
  const ServerOptions options;
  Inbox inbox;
  Deliveries out;
  inbox.push(0, {nullptr, 1}, options);
  inbox.close(out);
  CHECK(out.size() == 1);
  CHECK_FALSE(inbox.push(0, {nullptr, 2}, options).stored);
  CHECK(inbox.push(1, {nullptr, 3}, options).stored);
  out.clear();
  inbox.receive(out);
  CHECK(sequences(out) == std::vector<std::uint64_t>{3});
  CHECK(inbox.totals() == InboxTotals{.enqueued = 3, .received = 1, .discarded = 2});
}

}  // namespace
}  // namespace crosstalk::pool
