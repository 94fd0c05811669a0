// What a server allocates comes from the memory resource that it was given, and goes back there.
#include <catch2/catch.hpp>

#include <cstdint>
#include <mutex>
#include <new>

#include "pool/cells/left_right.h"
#include "pool/cells/rcu_cell.h"
#include "pool/chat/actor_server.h"
#include "pool/chat/coarse_server.h"
#include "pool/chat/map_server.h"
#include "pool/chat/sharded_server.h"
#include "pool/chat/snapshot_server.h"
#include "pool/conformance.h"
#include "pool/containers/locked_map.h"
#include "pool/counting_resource.h"
#include "pool/heap_count.h"
#include "pool/locks/rw_lock.h"
#include "pool/resources/arena_resource.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

constexpr std::uint32_t kMemoryClients = 40;

ServerOptions in_memory(std::pmr::memory_resource* memory) {
  ServerOptions options{.clients = kMemoryClients, .rooms = 8, .shards = 4};
  options.memory = memory;
  return options;
}

// Everything that makes a server grow, by the clients first, first + step, ... Returns the bytes that they have seen.
template <class S>
std::uint64_t use_server(S& server, Caller& caller, ClientId first, ClientId step, std::uint32_t laps) {
  std::uint64_t sum = 0;
  const auto look = [&](const Delivery* deliveries, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) sum += deliveries[i].message->bytes;
  };
  for (std::uint32_t lap = 0; lap < laps; ++lap) {
    for (ClientId client = first; client < kMemoryClients; client += step) {
      server.connect(caller, client);
      for (RoomId room = 0; room < 8; ++room) server.join(caller, client, room);
      server.post(caller, client, lap % 8, 1, 100);
      server.post(caller, client, lap % 8, 1, lap == 1 ? 100'000 : 0);
      server.direct(caller, client, (client + 1) % kMemoryClients, 1, 10);
      server.move(caller, client, 1, 2);
      server.leave(caller, client, client % 8);
      server.upload(caller, client, 5, 1, 2'000);
      server.mark(caller, 3);
      server.history(caller, client, 6, 64, look);
      server.who(caller, 6);
      if ((client + lap) % 3 == 0) server.receive(caller, client, look);
      if ((client + lap) % 5 == 0) server.disconnect(caller, client);
    }
  }
  return sum;
}

TEMPLATE_TEST_CASE("a server at work takes memory from its resource alone, and gives all of it back",
                   "[pool][chat][memory]", CoarseServer<std::mutex>, ShardedServer<std::mutex>, ActorServer,
                   SnapshotServer) {
  for (const CounterKind counter : {CounterKind::locked, CounterKind::atomic, CounterKind::striped}) {
    CountingResource memory;
    {
      ServerOptions options = in_memory(&memory);
      options.counter = counter;
      TestType server(options);
      Caller caller = server.make_caller();
      server.connect(caller, 0);
      server.join(caller, 0, 0);
      server.post(caller, 0, 0, 0, 0);  // the first post of a thread makes it known to the event bus
      const std::uint64_t upstream = memory.allocations();
      const std::uint64_t heap = heap_allocations();
      CHECK(use_server(server, caller, 0, 1, 20) > 0);
      // The resource's own are the only calls of operator new.
      CHECK(memory.allocations() - upstream > 100);
      CHECK(heap_allocations() - heap == memory.allocations() - upstream);
    }
    CHECK(memory.allocations() == memory.deallocations());
    CHECK(memory.bytes_out() == 0);
  }
}

TEST_CASE("a message waits for another thread in its server's memory", "[pool][chat][memory]") {
  CountingResource memory;
  const Message message;
  const PostEvent event(&message, Recipients(10, SessionRef{}, &memory), {});
  const std::int64_t before = memory.bytes_out();
  const PostEvent copy(event);
  CHECK(memory.bytes_out() == 2 * before);
  CHECK(copy.recipients.get_allocator().resource() == &memory);
}

TEMPLATE_TEST_CASE("a server that cannot be made for want of memory leaves none behind",
                   "[pool][chat][memory]", CoarseServer<std::mutex>, ShardedServer<std::mutex>, ActorServer,
                   SnapshotServer) {
  CountingResource memory;
  std::int64_t failures = 0;
  for (bool made = false; !made;) {
    memory.fail_after(failures);
    try {
      const TestType server(in_memory(&memory));
      made = true;
    } catch (const std::bad_alloc&) {
      ++failures;
    }
    REQUIRE(memory.bytes_out() == 0);
  }
  CHECK(failures >= 10);
}

// A message of more than a slab has memory of its own, which goes back with its last reference.
TEMPLATE_TEST_CASE("a post that fails half-way for want of memory keeps no reference", "[pool][chat][memory]",
                   CoarseServer<std::mutex>, ShardedServer<std::mutex>, ActorServer, SnapshotServer) {
  constexpr std::uint32_t kLarge = 100'000;
  std::uint32_t failures = 0;
  std::uint64_t delivered = 0;
  for (bool posted = false; !posted; ++failures) {
    CountingResource memory;
    TestType server(in_memory(&memory));
    Caller caller = server.make_caller();
    for (ClientId client = 0; client < 4; ++client) {
      server.connect(caller, client);
      server.join(caller, client, 0);
    }
    const std::int64_t before = memory.bytes_out();
    memory.fail_after(failures);
    try {
      posted = server.post(caller, 0, 0, 0, kLarge).outcome == Outcome::ok;
    } catch (const std::bad_alloc&) {
      posted = false;
    }
    memory.never_fail();
    const auto take = [&](const Delivery*, std::size_t count) { delivered += count; };
    for (ClientId client = 0; client < 4; ++client) server.receive(caller, client, take);
    server.direct(caller, 0, 1, 0, 0);  // the writer lets go of the message before
    INFO("failed at allocation " << failures);
    const bool held =
        memory.bytes_out() - before > 2 * 64 * 1024;  // a large message, beside the writer's slab
    CHECK(held == posted);                            // once posted, it is in the history
  }
  CHECK(failures >= 5);   // the slab and three inboxes failed, one after the other
  CHECK(delivered == 6);  // 0 + 1 + 2 of failed posts, 3 of the last
}

// One client is in rooms 0 to 3, as many as its list of them has places for, and another one in room 4.
template <class S>
void settle_in(S& server, Caller& caller) {
  for (ClientId client = 0; client < 2; ++client) server.connect(caller, client);
  for (RoomId room = 0; room < 4; ++room) server.join(caller, 0, room);
  server.join(caller, 1, 4);
}

// Calls try_it(server, caller) with the first, second, ... allocation failing, until none is left to fail, each time with a
// server of its own; then check(server, caller, whether it threw).
template <class S, class Try, class Check>
std::int64_t with_failures(Try&& try_it, Check&& check) {
  std::int64_t failures = 0;
  for (bool threw = true; threw; ++failures) {
    CountingResource memory;
    S server(in_memory(&memory));
    Caller caller = server.make_caller();
    settle_in(server, caller);
    memory.fail_after(failures);
    threw = false;
    try {
      try_it(server, caller);
    } catch (const std::bad_alloc&) {
      threw = true;
    }
    memory.never_fail();
    INFO("failed at allocation " << failures);
    check(server, caller, threw);
  }
  return failures - 1;
}

// Nothing of the clients is left in rooms in which they are not.
template <class S>
void check_all_leave(S& server, Caller& caller) {
  for (ClientId client = 0; client < 2; ++client) server.disconnect(caller, client);
  CHECK(server.memberships() == 0);
  CHECK(server.sessions() == 0);
}

TEMPLATE_TEST_CASE("a join that fails for want of memory has not happened", "[pool][chat][memory]",
                   CoarseServer<std::mutex>, CoarseServer<Rcu>, CoarseServer<LeftRight>,
                   ShardedServer<std::mutex>, MapServer<RwLockedMap>, ActorServer, SnapshotServer) {
  const std::int64_t failures = with_failures<TestType>(
      [](auto& server, Caller& caller) {
        const Outcome outcome =
            server.join(caller, 0, 4);  // not in a CHECK, which would catch what it throws
        CHECK(outcome == Outcome::ok);
      },
      [](auto& server, Caller& caller, bool threw) {
        CHECK(server.memberships() == (threw ? 5U : 6U));
        CHECK(server.post(caller, 1, 4, 0, 0).recipients == (threw ? 0U : 1U));
        CHECK(server.join(caller, 0, 4) == (threw ? Outcome::ok : Outcome::already_member));
        CHECK(server.post(caller, 1, 4, 0, 0).recipients == 1);
        check_all_leave(server, caller);
      });
  CHECK(failures >= 2);
}

TEMPLATE_TEST_CASE("a move that fails for want of memory loses nobody", "[pool][chat][memory]",
                   CoarseServer<std::mutex>, CoarseServer<Rcu>, CoarseServer<LeftRight>,
                   ShardedServer<std::mutex>, MapServer<RwLockedMap>, ActorServer, SnapshotServer) {
  with_failures<TestType>(
      [](auto& server, Caller& caller) {
        server.join(caller, 1, 0);
        const Outcome outcome = server.move(caller, 0, 0, 4);
        CHECK(outcome == Outcome::ok);
      },
      [](auto& server, Caller& caller, bool threw) {
        const Outcome left = server.leave(caller, 0, 0);
        CHECK(left == (threw ? Outcome::ok : Outcome::not_member));
        check_all_leave(server, caller);
      });
}

TEMPLATE_TEST_CASE("a client whose session ended for want of memory hears again in its next one",
                   "[pool][chat][memory]", CoarseServer<std::mutex>, CoarseServer<Rcu>,
                   CoarseServer<LeftRight>, ShardedServer<std::mutex>, MapServer<RwLockedMap>, ActorServer,
                   SnapshotServer) {
  for (std::int64_t failures = 0; failures < 8; ++failures) {
    CountingResource memory;
    TestType server(in_memory(&memory));
    Caller caller = server.make_caller();
    settle_in(server, caller);
    server.join(caller, 1, 0);
    memory.fail_after(failures);
    CHECK(server.disconnect(caller, 0) == Outcome::ok);
    memory.never_fail();
    INFO("failed at allocation " << failures);
    CHECK(server.connect(caller, 0) == Outcome::ok);
    CHECK(server.memberships() == 2);
    CHECK(server.join(caller, 0, 0) == Outcome::ok);
    CHECK(server.post(caller, 1, 0, 0, 0).recipients == 1);
    CHECK(server.direct(caller, 1, 0, 0, 0).outcome == Outcome::ok);
    CHECK(server.receive(caller, 0, [](const Delivery*, std::size_t) {}) == 2);
    check_all_leave(server, caller);
  }
}

TEMPLATE_TEST_CASE("threads share a server in an arena", "[pool][chat][memory][stress]",
                   CoarseServer<std::mutex>, ShardedServer<RwLock>) {
  CountingResource upstream;
  {
    ArenaResource arena({}, &upstream);
    CountingResource memory(&arena);
    {
      TestType server(in_memory(&memory));
      constexpr unsigned kThreads = 4;
      detail::run_threads(kThreads, [&](unsigned id) {
        Caller caller = server.make_caller();
        static_cast<void>(use_server(server, caller, id, kThreads, stress_rounds(40)));
      });
      const InboxTotals totals = server.inbox_totals();
      CHECK(totals.enqueued > 0);
      CHECK(totals.enqueued == totals.received + totals.queued + totals.dropped + totals.discarded);
    }
    CHECK(memory.allocations() == memory.deallocations());
    CHECK(memory.bytes_out() == 0);
  }
  CHECK(upstream.bytes_out() == 0);
}

}  // namespace
}  // namespace crosstalk::pool
