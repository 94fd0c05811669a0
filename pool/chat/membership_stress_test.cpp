// The reach law over every way to keep memberships, with the numbers that a test can read itself: a sequence number before
// and after each join and leave. The watched clients join, leave, move and are kicked by others; the restless ones also
// disconnect. Few hot rooms, more threads than processors.
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <tuple>
#include <utility>
#include <vector>

#include "pool/chat/actor_server.h"
#include "pool/chat/chat_server.h"
#include "pool/chat/coarse_server.h"
#include "pool/chat/map_server.h"
#include "pool/chat/sharded_server.h"
#include "pool/chat/snapshot_server.h"
#include "pool/conformance.h"
#include "pool/containers/locked_map.h"
#include "pool/locks/rw_lock.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

static_assert(ComposedServer<MapServer<RwLockedMap>>);
static_assert(ComposedServer<ActorServer>);
static_assert(ComposedServer<SnapshotServer>);

using StressedServers = std::tuple<CoarseServer<std::mutex>, ShardedServer<RwLock>, MapServer<RwLockedMap>,
                                   ActorServer, SnapshotServer>;

constexpr std::uint32_t kStressRooms = 3;
constexpr std::uint64_t kToTheEnd = ~std::uint64_t{0};

// The numbers between which something happened in a room.
struct Between {
  std::uint64_t before = 0;
  std::uint64_t after = 0;
};

// What is known of one client in one room.
struct Told {
  std::vector<Between> begins;
  std::vector<Between> ends;            // those that the client's own thread made; see kicked below
  std::vector<std::uint64_t> own;       // numbers of its own posts
  std::vector<std::uint64_t> received;  // of others'
};

struct Kicked {
  ClientId client;
  RoomId room;
  Between end;
};

class StressRandom {
 public:
  explicit StressRandom(std::uint32_t seed) : state_(seed * 2654435761U + 1) {}
  std::uint32_t below(std::uint32_t n) {
    state_ = state_ * 1664525U + 1013904223U;
    return static_cast<std::uint32_t>((std::uint64_t{state_ >> 8} * n) >> 24);
  }

 private:
  std::uint32_t state_;
};

// One thread's work with its clients: one that is watched, and one that is restless.
template <class S>
class StressDriver {
 public:
  StressDriver(S& server, ClientId watched, ClientId restless, std::uint32_t clients, std::uint32_t seed)
      : server_(server),
        caller_(server.make_caller()),
        watched_(watched),
        restless_(restless),
        clients_(clients),
        random_(seed) {
    server_.connect(caller_, watched_);
    server_.connect(caller_, restless_);
  }

  void act() {
    const RoomId room = random_.below(kStressRooms);
    const RoomId other = (room + 1 + random_.below(kStressRooms - 1)) % kStressRooms;
    switch (random_.below(12)) {
      case 0:
      case 1:
        if (const auto [ok, between] = around(room, [&] { return server_.join(caller_, watched_, room); });
            ok)
          told_[room].begins.push_back(between);
        break;
      case 2:
        if (const auto [ok, between] = around(room, [&] { return server_.leave(caller_, watched_, room); });
            ok)
          told_[room].ends.push_back(between);
        break;
      case 3:
        move(room, other);
        break;
      case 4:
        kick(random_.below(clients_), random_.below(2) == 0 ? watched_ : restless_, room);
        break;
      case 5:
        server_.join(caller_, restless_, room);
        server_.join(caller_, restless_, other);
        break;
      case 6:
        server_.move(caller_, restless_, room, other);
        break;
      case 7:
        if (random_.below(4) == 0) {
          server_.disconnect(caller_, restless_);
          server_.connect(caller_, restless_);
        }
        break;
      case 8:
        receive();
        server_.receive(caller_, restless_, [&](const Delivery*, std::size_t count) { taken_ += count; });
        break;
      case 9:
        post(restless_, room);
        break;
      default:
        post(watched_, room);
    }
  }

  void receive() {
    server_.receive(caller_, watched_, [&](const Delivery* first, std::size_t count) {
      taken_ += count;
      for (std::size_t i = 0; i < count; ++i)
        told_[first[i].message->room].received.push_back(first[i].sequence);
    });
  }

  std::array<Told, kStressRooms> told_;
  std::vector<Kicked> kicked_;
  std::uint64_t posts_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t taken_ = 0;

 private:
  template <class F>
  std::pair<bool, Between> around(RoomId room, F&& f) {
    Between between;
    between.before = server_.sequence(room);
    const bool ok = f() == Outcome::ok;
    between.after = server_.sequence(room);
    return {ok, between};
  }

  void move(RoomId from, RoomId to) {
    Between end;
    const auto [ok, begin] = around(to, [&] {
      const auto [left, between] = around(from, [&] { return server_.move(caller_, watched_, from, to); });
      end = between;
      return left ? Outcome::ok : Outcome::not_member;
    });
    if (!ok) return;
    told_[from].ends.push_back(end);
    told_[to].begins.push_back(begin);
  }
  void kick(ClientId client, ClientId by, RoomId room) {
    const auto [ok, between] = around(room, [&] { return server_.kick(caller_, client, by, room); });
    if (ok) kicked_.push_back({client, room, between});
  }
  void post(ClientId client, RoomId room) {
    const PostResult result = server_.post(caller_, client, room, 0, 20);
    if (result.outcome != Outcome::ok) return;
    ++posts_;
    sent_ += result.recipients;
    if (client == watched_) told_[room].own.push_back(result.sequence);
  }

  S& server_;
  Caller caller_;
  const ClientId watched_;
  const ClientId restless_;
  const std::uint32_t clients_;
  StressRandom random_;
};

// Posts that had to arrive and did not; that arrived and must not; that arrived twice.
struct Breaches {
  std::uint64_t missing = 0;
  std::uint64_t foreign = 0;
  std::uint64_t repeated = 0;
};

// Which end belongs to which begin is not told, since kicks by several threads overlap. But of the numbers read before the ends
// the i-th smallest is at most that of the i-th end, and of those read after it is at least that: so sorted they are true.
void judge(Told& told, std::uint64_t last, Breaches& breaches) {
  std::vector<std::uint64_t> before;
  std::vector<std::uint64_t> after;
  for (const Between& end : told.ends) {
    before.push_back(end.before);
    after.push_back(end.after);
  }
  std::sort(before.begin(), before.end());
  std::sort(after.begin(), after.end());
  std::sort(told.received.begin(), told.received.end());
  std::sort(told.own.begin(), told.own.end());
  const auto got = [&](std::uint64_t n) {
    return std::binary_search(told.received.begin(), told.received.end(), n) ||
           std::binary_search(told.own.begin(), told.own.end(), n);
  };
  std::vector<bool> may(last + 1);
  for (std::size_t i = 0; i < told.begins.size(); ++i) {
    const std::uint64_t must_end = std::min(last, i < before.size() ? before[i] : kToTheEnd);
    const std::uint64_t may_end = std::min(last, i < after.size() ? after[i] : kToTheEnd);
    for (std::uint64_t n = told.begins[i].after + 1; n <= must_end; ++n) breaches.missing += got(n) ? 0U : 1U;
    for (std::uint64_t n = told.begins[i].before + 1; n <= may_end; ++n) may[n] = true;
  }
  for (std::size_t i = 0; i < told.received.size(); ++i) {
    const std::uint64_t n = told.received[i];
    if (n > last || !may[n]) ++breaches.foreign;
    if (i > 0 && told.received[i - 1] == n) ++breaches.repeated;
  }
}

template <class S>
void check_reach_law(unsigned threads, unsigned operations, std::uint32_t seed) {
  const std::uint32_t clients = threads * 2;
  S server(ServerOptions{.clients = clients, .rooms = kStressRooms, .shards = 2, .history_messages = 3});
  std::vector<std::unique_ptr<StressDriver<S>>> drivers;
  for (ClientId id = 0; id < threads; ++id) {
    drivers.push_back(
        std::make_unique<StressDriver<S>>(server, id, threads + id, clients, seed * 1'000 + id));
  }
  detail::run_threads(threads, [&](unsigned id) {
    for (unsigned i = 0; i < operations; ++i) drivers[id]->act();
  });
  server.settle();
  std::uint64_t posts = 0;
  std::uint64_t sent = 0;
  std::uint64_t taken = 0;
  Breaches breaches;
  for (auto& driver : drivers) {
    for (const Kicked& kick : driver->kicked_) {
      if (kick.client < threads) drivers[kick.client]->told_[kick.room].ends.push_back(kick.end);
    }
  }
  std::uint64_t due = 0;
  for (auto& driver : drivers) {
    driver->receive();
    posts += driver->posts_;
    sent += driver->sent_;
    taken += driver->taken_;
    for (RoomId room = 0; room < kStressRooms; ++room) {
      due += driver->told_[room].received.size();
      judge(driver->told_[room], server.sequence(room), breaches);
    }
  }
  CHECK(breaches.missing == 0);
  CHECK(breaches.foreign == 0);
  CHECK(breaches.repeated == 0);
  CHECK(due > 0);
  CHECK(server.sequence_sum() == posts);
  const InboxTotals totals = server.inbox_totals();
  CHECK(totals.enqueued == sent);
  CHECK(totals.received == taken);
  CHECK(totals.enqueued == totals.received + totals.queued + totals.dropped + totals.discarded);
}

TEMPLATE_LIST_TEST_CASE(
    "each member gets each post of its stay once, whoever comes, goes and is kicked meanwhile",
    "[pool][chat][stress]", StressedServers) {
  for (std::uint32_t seed = 0; seed < stress_rounds(20); ++seed) {
    check_reach_law<TestType>(4, 2'000, seed);
    check_reach_law<TestType>(16, 500, seed);
  }
  check_reach_law<TestType>(300, 20, 0);
}

// Whoever is nowhere is in nobody's list any more.
TEMPLATE_LIST_TEST_CASE("after the end of all sessions nobody is left in a room", "[pool][chat][stress]",
                        StressedServers) {
  constexpr unsigned kThreads = 8;
  for (std::uint32_t round = 0; round < stress_rounds(20); ++round) {
    TestType server(ServerOptions{.clients = kThreads, .rooms = kStressRooms, .shards = 2});
    detail::run_threads(kThreads, [&](unsigned id) {
      auto caller = server.make_caller();
      StressRandom random(round * kThreads + id);
      for (unsigned i = 0; i < 200; ++i) {
        server.connect(caller, id);
        for (RoomId room = 0; room < kStressRooms; ++room) server.join(caller, id, room);
        server.kick(caller, random.below(kThreads), id, random.below(kStressRooms));
        server.move(caller, id, random.below(kStressRooms), random.below(kStressRooms));
        server.post(caller, id, random.below(kStressRooms), 0, 0);
        server.direct(caller, id, random.below(kThreads), 0, 0);
        server.who(caller, random.below(kStressRooms));
        if (i % 3 == 0) {
          server.disconnect(caller, id);
        } else if (const auto session = server.registry().session_of(random.below(kThreads))) {
          server.registry().kick(*session);
        }
      }
    });
    server.registry().shutdown();
    CHECK(server.memberships() == 0);
    CHECK(server.sessions() == 0);
  }
}

}  // namespace
}  // namespace crosstalk::pool
