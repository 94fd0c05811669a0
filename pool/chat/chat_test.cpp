// Every server against reference_server, operation by operation, and under threads against conservation laws.
#include <sched.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <tuple>
#include <vector>

#include "pool/builtin.h"
#include "pool/cells/flat_combining.h"
#include "pool/cells/left_right.h"
#include "pool/cells/rcu_cell.h"
#include "pool/chat/actor_server.h"
#include "pool/chat/chat_server.h"
#include "pool/chat/coarse_server.h"
#include "pool/chat/map_server.h"
#include "pool/chat/null_server.h"
#include "pool/chat/reference_server.h"
#include "pool/chat/sharded_server.h"
#include "pool/chat/snapshot_server.h"
#include "pool/conformance.h"
#include "pool/containers/locked_map.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

static_assert(ChatServer<ReferenceServer>);
static_assert(ChatServer<CoarseServer<std::mutex>>);
static_assert(ChatServer<ShardedServer<RwLock>>);
static_assert(CountingServer<NullServer>);

using Servers =
    std::tuple<CoarseServer<NullLock>, CoarseServer<std::mutex>, CoarseServer<std::shared_mutex>,
               CoarseServer<TtasLock>, CoarseServer<TicketLock>, CoarseServer<RwLock>,
               CoarseServer<LeftRight>, CoarseServer<Rcu>, CoarseServer<FlatCombining>,
               ShardedServer<NullLock>, ShardedServer<std::mutex>, ShardedServer<std::shared_mutex>,
               ShardedServer<TtasLock>, ShardedServer<TicketLock>, ShardedServer<RwLock>,
               MapServer<RwLockedMap>, ActorServer, SnapshotServer>;
using ThreadedServers =
    std::tuple<CoarseServer<std::mutex>, CoarseServer<std::shared_mutex>, CoarseServer<TtasLock>,
               CoarseServer<RwLock>, CoarseServer<LeftRight>, CoarseServer<Rcu>, CoarseServer<FlatCombining>,
               ShardedServer<std::mutex>, ShardedServer<std::shared_mutex>, ShardedServer<TicketLock>,
               ShardedServer<RwLock>, MapServer<RwLockedMap>, ActorServer, SnapshotServer>;

class Random {
 public:
  explicit Random(std::uint32_t seed) : state_(seed * 2654435761U + 1) {}
  std::uint32_t below(std::uint32_t n) {
    state_ = state_ * 1664525U + 1013904223U;
    return static_cast<std::uint32_t>((std::uint64_t{state_ >> 8} * n) >> 24);
  }

 private:
  std::uint32_t state_;
};

void append(std::vector<std::uint64_t>& out, const Delivery* deliveries, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const Message& message = *deliveries[i].message;
    out.insert(out.end(), {deliveries[i].sequence, message.room, message.sender, message.tag, message.bytes});
    if (message.bytes > 0) out.push_back(static_cast<std::uint64_t>(message.body()[message.bytes - 1]));
  }
}

// Everything a server answers to one operation, as numbers.
template <class S, class C>
std::vector<std::uint64_t> answer(S& server, C& caller, std::uint32_t kind, ClientId client, RoomId room,
                                  std::uint32_t other) {
  std::vector<std::uint64_t> out;
  const auto note = [&](Outcome outcome) { out.push_back(static_cast<std::uint64_t>(outcome)); };
  const auto note_post = [&](const PostResult& result) {
    note(result.outcome);
    out.insert(out.end(), {result.sequence, result.recipients});
  };
  const auto note_deliveries = [&](const Delivery* first, std::size_t n) { append(out, first, n); };
  switch (kind) {
    case 0:
      note(server.connect(caller, client));
      break;
    case 1:
      note(server.disconnect(caller, client));
      break;
    case 2:
    case 3:
      note(server.join(caller, client, room));
      break;
    case 4:
      note(server.leave(caller, client, room));
      break;
    case 5:
      note(server.move(caller, client, room, (room + other) % 7));
      break;
    case 6:
    case 7:
      note_post(server.post(caller, client, room, other, other));
      break;
    case 8:
      note_post(server.direct(caller, client, other % 10, other, 5));
      break;
    case 9:
      note(server.history(caller, client, room, other, note_deliveries));
      break;
    case 10:
      note(server.who(caller, room));
      for (const SessionRef member : caller.recipients) out.push_back(member.client);
      std::sort(out.begin() + 1, out.end());
      break;
    case 11:
      out.push_back(server.presence(caller, client) ? 1 : 0);
      break;
    case 12:
      note(server.mark(caller, room));
      break;
    case 13:
      note(server.kick(caller, client, other % 10, room));
      break;
    case 14:
      note(server.upload(caller, client, room, other, other));
      break;
    default:
      server.receive(caller, client, note_deliveries);
  }
  return out;
}

TEMPLATE_LIST_TEST_CASE("a server answers every operation as the reference does", "[pool][chat]", Servers) {
  const ServerOptions options{.clients = 10, .rooms = 7, .shards = 4, .history_messages = 5};
  for (std::uint32_t seed = 0; seed < 5; ++seed) {
    TestType server(options);
    ReferenceServer reference(options);
    auto caller = server.make_caller();
    auto truth = reference.make_caller();
    Random random(seed);
    for (int i = 0; i < 4'000; ++i) {
      const std::uint32_t kind = random.below(16);
      const ClientId client = random.below(10);
      const RoomId room = random.below(7);
      const std::uint32_t other = random.below(40);
      INFO("operation " << i << " kind " << kind << " client " << client << " room " << room << " other "
                        << other);
      REQUIRE(answer(server, caller, kind, client, room, other) ==
              answer(reference, truth, kind, client, room, other));
    }
    CHECK(server.inbox_totals() == reference.inbox_totals());
    CHECK(server.sequence_sum() == reference.sequence_sum());
    CHECK(server.unread_sum() == reference.unread_sum());
    CHECK(server.memberships() == reference.memberships());
    CHECK(server.sessions() == reference.sessions());
  }
}

TEMPLATE_LIST_TEST_CASE("threads on few hot rooms lose, double and invent nothing", "[pool][chat][stress]",
                        ThreadedServers) {
  constexpr unsigned kThreads = 4;
  const ServerOptions options{.clients = kThreads * 2, .rooms = 2, .shards = 2, .history_messages = 3};
  for (unsigned round = 0; round < stress_rounds(20); ++round) {
    TestType server(options);
    std::atomic<std::uint64_t> posts{0};
    std::atomic<std::uint64_t> recipients{0};
    std::atomic<std::uint64_t> received{0};
    std::atomic<std::int64_t> members{0};
    detail::run_threads(kThreads, [&](unsigned id) {
      auto caller = server.make_caller();
      Random random(id + round * 10);
      const auto take = [&](const Delivery*, std::size_t count) { received += count; };
      for (const ClientId client : {id * 2, id * 2 + 1}) server.connect(caller, client);
      for (int i = 0; i < 500; ++i) {
        const ClientId client = id * 2 + random.below(2);
        const RoomId room = random.below(2);
        switch (random.below(7)) {
          case 0:
            members += server.join(caller, client, room) == Outcome::ok ? 1 : 0;
            break;
          case 1:
            members -= server.leave(caller, client, room) == Outcome::ok ? 1 : 0;
            break;
          case 5:  // by a client of another thread, or by one of its own
            members -= server.kick(caller, client, random.below(kThreads * 2), room) == Outcome::ok ? 1 : 0;
            break;
          case 2:
            server.move(caller, client, room, 1 - room);
            break;
          case 3:
            server.receive(caller, client, take);
            break;
          case 4:
            server.history(caller, client, room, 3, [](const Delivery*, std::size_t) {});
            break;
          default: {
            const PostResult result = server.post(caller, client, room, 0, 20);
            posts += result.outcome == Outcome::ok ? 1 : 0;
            recipients += result.recipients;
          }
        }
      }
    });
    const InboxTotals totals = server.inbox_totals();
    CHECK(server.sequence_sum() == posts);
    CHECK(totals.enqueued == recipients);
    CHECK(totals.received == received);
    CHECK(totals.received + totals.queued == totals.enqueued);
    CHECK(static_cast<std::int64_t>(server.memberships()) == members);
  }
}

TEMPLATE_TEST_CASE("a session whose inbox overflows ends, if the policy says so", "[pool][chat]",
                   CoarseServer<std::mutex>, ShardedServer<std::mutex>, MapServer<RwLockedMap>, ActorServer,
                   SnapshotServer) {
  TestType server({.clients = 3, .inbox_policy = InboxPolicy::disconnect, .inbox_capacity = 4});
  auto caller = server.make_caller();
  for (const ClientId client : {0U, 1U, 2U}) {
    REQUIRE(server.connect(caller, client) == Outcome::ok);
    REQUIRE(server.join(caller, client, 0) == Outcome::ok);
  }
  const auto drop = [](const Delivery*, std::size_t) {};
  for (int i = 0; i < 5; ++i) {
    CHECK(server.post(caller, 0, 0, 0, 10).recipients == 2);
    server.receive(caller, 2, drop);
  }
  CHECK_FALSE(server.presence(caller, 1));
  CHECK(server.presence(caller, 2));
  CHECK(server.registry().totals().ended_for(EndReason::overflowed) == 1);
  CHECK(server.post(caller, 0, 0, 0, 10).recipients == 1);
  CHECK(server.memberships() == 2);
  const InboxTotals totals = server.inbox_totals();
  CHECK(totals.enqueued == totals.received + totals.queued + totals.dropped + totals.discarded);
  CHECK(totals.discarded == 4);
  CHECK(server.connect(caller, 1) == Outcome::ok);  // and may come back
}

TEMPLATE_TEST_CASE("a server lets in as many sessions as its limit says, and reaps the silent ones",
                   "[pool][chat]", CoarseServer<std::mutex>, ShardedServer<std::mutex>,
                   MapServer<RwLockedMap>, ActorServer, SnapshotServer) {
  TestType limited({.clients = 3, .session_limit = 2});
  auto caller = limited.make_caller();
  CHECK(limited.connect(caller, 0) == Outcome::ok);
  CHECK(limited.connect(caller, 1) == Outcome::ok);
  CHECK(limited.connect(caller, 2) == Outcome::full);
  CHECK(limited.disconnect(caller, 0) == Outcome::ok);
  CHECK(limited.connect(caller, 2) == Outcome::ok);
  limited.registry().shutdown();
  CHECK(limited.sessions() == 0);
  CHECK(limited.connect(caller, 0) == Outcome::shutting_down);

  TestType silent({.clients = 2, .idle_timeout = std::chrono::milliseconds(100)});
  auto other = silent.make_caller();
  REQUIRE(silent.connect(other, 0) == Outcome::ok);
  REQUIRE(silent.join(other, 0, 0) == Outcome::ok);
  while (silent.registry().totals().ended_for(EndReason::reaped) == 0) sched_yield();
  CHECK(silent.sessions() == 0);
  CHECK(silent.memberships() == 0);
}

TEST_CASE("the null server counts every call", "[pool][chat]") {
  NullServer server(ServerOptions{});
  auto caller = server.make_caller();
  server.connect(caller, 0);
  server.post(caller, 0, 0, 0, 0);
  server.presence(caller, 0);
  server.receive(caller, 0, [](const Delivery*, std::size_t) {});
  CHECK(server.counted() == 4);
}

}  // namespace
}  // namespace crosstalk::pool
