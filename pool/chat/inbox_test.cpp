#include <catch2/catch.hpp>

#include <new>
#include <vector>

#include "pool/chat/inbox.h"
#include "pool/counting_resource.h"

namespace crosstalk::pool {
namespace {

// Messages 0, 1, 2 .. of a room.
const Message* numbered(std::uint64_t sequence) {
  static const std::vector<Message> all = [] {
    std::vector<Message> messages(1'001);
    for (std::uint64_t i = 0; i < messages.size(); ++i) messages[i].sequence = i;
    return messages;
  }();
  return &all[sequence];
}

std::vector<std::uint64_t> sequences(TakenMessages& taken) {
  std::vector<std::uint64_t> result;
  const Delivery* const deliveries = taken.deliveries();
  for (std::size_t i = 0; i < taken.size(); ++i) {
    REQUIRE(deliveries[i].message == taken.messages()[i]);
    result.push_back(deliveries[i].sequence);
  }
  return result;
}

// What an inbox discards at the end of a session.
std::vector<std::uint64_t> discarded(Inbox& inbox) {
  std::vector<std::uint64_t> result;
  inbox.close([&](const Message* const* first, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) result.push_back(first[i]->sequence);
  });
  return result;
}

TEST_CASE("an inbox grows and keeps order", "[pool][inbox]") {
  const ServerOptions options;
  Inbox inbox;
  TakenMessages out;
  for (std::uint64_t round = 0; round < 3; ++round) {
    for (std::uint64_t i = 0; i < 100; ++i) REQUIRE(inbox.push(0, numbered(i), options).stored);
    out.clear();
    CHECK(inbox.receive(out) == 100);
    const std::vector<std::uint64_t> received = sequences(out);
    for (std::uint64_t i = 0; i < 100; ++i) CHECK(received[i] == i);
  }
  CHECK(inbox.totals() == InboxTotals{.enqueued = 300, .received = 300});
}

TEST_CASE("a bounded inbox drops the oldest or the newest and counts it", "[pool][inbox]") {
  ServerOptions options;
  options.inbox_capacity = 3;
  for (const InboxPolicy policy : {InboxPolicy::drop_oldest, InboxPolicy::drop_newest}) {
    options.inbox_policy = policy;
    Inbox inbox;
    for (std::uint64_t i = 1; i <= 5; ++i) {
      const auto result = inbox.push(0, numbered(i), options);
      const bool dropping = i > 3;
      CHECK(result.stored == (!dropping || policy == InboxPolicy::drop_oldest));
      CHECK((result.evicted != nullptr) == (dropping && policy == InboxPolicy::drop_oldest));
    }
    TakenMessages out;
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
  TakenMessages out;
  for (std::uint32_t generation = 0; generation < 2; ++generation) {
    for (std::uint64_t i = 1; i <= 2; ++i) REQUIRE(inbox.push(generation, numbered(i), options).stored);
    const auto third = inbox.push(generation, numbered(3), options);
    CHECK_FALSE(third.stored);
    CHECK(third.overflowed);
    out.clear();
    inbox.receive(out);
    CHECK(sequences(out) == std::vector<std::uint64_t>{1, 2});
    // There is room again, but a message after the lost one would leave a gap.
    const auto fourth = inbox.push(generation, numbered(4), options);
    CHECK_FALSE(fourth.stored);
    CHECK_FALSE(fourth.overflowed);
    CHECK(discarded(inbox).empty());
  }
  CHECK(inbox.totals() == InboxTotals{.enqueued = 8, .received = 4, .dropped = 4});
}

TEST_CASE("an inbox costs nothing beside itself until it is used, and after it is trimmed", "[pool][inbox]") {
  const ServerOptions options;
  Inbox inbox;
  TakenMessages out;
  CHECK(inbox.bytes() == sizeof(Inbox));
  for (std::uint64_t i = 0; i < 1'000; ++i) inbox.push(0, numbered(i), options);
  inbox.trim();
  CHECK(inbox.bytes() >= 1'000 * sizeof(const Message*));  // something waits
  CHECK(inbox.receive(out) == 1'000);
  inbox.trim();
  CHECK(inbox.bytes() == sizeof(Inbox));
  CHECK(inbox.push(0, numbered(1'000), options).stored);
  out.clear();
  CHECK(inbox.receive(out) == 1);
}

TEST_CASE("what was sent to an ended session never reaches the next one", "[pool][inbox]") {
  const ServerOptions options;
  Inbox inbox;
  TakenMessages out;
  inbox.push(0, numbered(1), options);
  CHECK(discarded(inbox) == std::vector<std::uint64_t>{1});
  CHECK(inbox.bytes() == sizeof(Inbox));
  CHECK_FALSE(inbox.push(0, numbered(2), options).stored);
  CHECK(inbox.push(1, numbered(3), options).stored);
  out.clear();
  inbox.receive(out);
  CHECK(sequences(out) == std::vector<std::uint64_t>{3});
  CHECK(inbox.totals() == InboxTotals{.enqueued = 3, .received = 1, .discarded = 2});
}

TEST_CASE("an inbox keeps order around the end of its memory, also when it grows or ends there",
          "[pool][inbox]") {
  ServerOptions dropping;
  dropping.inbox_policy = InboxPolicy::drop_oldest;
  dropping.inbox_capacity = 16;
  const ServerOptions growing;
  for (const bool grows : {false, true}) {
    Inbox inbox;
    std::vector<std::uint64_t> expected;
    for (std::uint64_t i = 0; i < 21; ++i) REQUIRE(inbox.push(0, numbered(i), dropping).stored);
    const std::uint64_t last = grows ? 60 : 21;
    for (std::uint64_t i = 21; i < last; ++i) REQUIRE(inbox.push(0, numbered(i), growing).stored);
    for (std::uint64_t i = 5; i < last; ++i) expected.push_back(i);
    if (grows) {
      TakenMessages out;
      inbox.receive(out);
      CHECK(sequences(out) == expected);
    } else {
      CHECK(discarded(inbox) == expected);
    }
  }
}

TEST_CASE("an inbox for whose messages there is no memory stays as it was", "[pool][inbox]") {
  CountingResource memory;
  const ServerOptions options;
  {
    Inbox inbox(&memory);
    for (std::uint64_t i = 0; i < 16; ++i) REQUIRE(inbox.push(0, numbered(i), options).stored);
    memory.fail_after(0);
    CHECK_THROWS_AS(inbox.push(0, numbered(16), options), std::bad_alloc);
    TakenMessages none(&memory);
    CHECK_THROWS_AS(inbox.receive(none), std::bad_alloc);
    CHECK(none.size() == 0);
    CHECK(inbox.totals() == InboxTotals{.enqueued = 16, .queued = 16});
    memory.never_fail();
    CHECK(inbox.receive(none) == 16);
    CHECK(sequences(none).back() == 15);
  }
  CHECK(memory.bytes_out() == 0);
}

TEST_CASE("fetching ahead changes nothing", "[pool][inbox]") {
  const ServerOptions options;
  Inbox inbox;
  TakenMessages out;
  for (std::uint64_t i = 0; i < 40; ++i) {
    inbox.fetch();
    inbox.fetch_place();  // also before there is a place
    inbox.push(0, numbered(i), options);
  }
  CHECK(inbox.receive(out) == 40);
  CHECK(inbox.totals() == InboxTotals{.enqueued = 40, .received = 40});
}

}  // namespace
}  // namespace crosstalk::pool
