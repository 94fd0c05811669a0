// Sessions that come and go on all threads: what must add up however they meet.
#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include <sched.h>

#include "pool/chat/inbox.h"
#include "pool/chat/session_registry.h"
#include "pool/conformance.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

std::atomic<std::int64_t> session_stress_clock_ns{0};
Deadline session_stress_clock() noexcept {
  return Deadline(std::chrono::nanoseconds(session_stress_clock_ns.load()));
}

constexpr ClientId kSessionHotClients = 3;
constexpr std::uint32_t kSessionHotLimit = 2;
constexpr unsigned kSessionChurnThreads = 4;
constexpr unsigned kSessionChurnOperations = 150;
constexpr std::size_t kSessionMostStays = std::size_t{kSessionChurnThreads} * kSessionChurnOperations + 1;

// What the hooks saw of one stay.
struct SessionStayRecord {
  std::atomic<unsigned> opened{0};
  std::atomic<unsigned> goodbye{0};
  std::atomic<unsigned> ended{0};
  std::atomic<unsigned> reason{99};
};

// One registry, everything that may happen to it at once, and the account of it.
struct SessionChurn {
  std::array<std::array<SessionStayRecord, kSessionMostStays>, kSessionHotClients> stays;
  std::atomic<unsigned> live{0}, above_limit{0}, out_of_order{0}, let_in{0};
  std::array<std::atomic<std::uint64_t>, kEndReasons> won{};  // calls that said they ended a session

  SessionRegistry::Options options() {
    SessionRegistry::Options options;
    options.clients = kSessionHotClients;
    options.limit = kSessionHotLimit;
    options.idle_timeout = std::chrono::microseconds(1);
    options.now = &session_stress_clock;
    options.opened = [this](SessionRef session) {
      if (++live > kSessionHotLimit) ++above_limit;
      ++record(session).opened;
    };
    options.goodbye = [this](SessionRef session, EndReason) {
      if (record(session).ended != 0) ++out_of_order;
      ++record(session).goodbye;
    };
    options.ended = [this](SessionRef session, EndReason reason) {
      if (record(session).opened != 1) ++out_of_order;
      record(session).reason = static_cast<unsigned>(reason);
      ++record(session).ended;
      --live;
    };
    return options;
  }

  SessionStayRecord& record(SessionRef session) { return stays[session.client][session.generation]; }

  void end(SessionRegistry& registry, SessionRef session, EndReason reason) {
    if (registry.end(session, reason)) ++won[static_cast<std::size_t>(reason)];
  }

  void run(SessionRegistry& registry, unsigned id, unsigned shutdown_at) {
    std::uint32_t random = id * 2654435761U + 1;
    SessionRef earlier{0, 0};
    for (unsigned i = 0; i < kSessionChurnOperations; ++i) {
      random = random * 1664525U + 1013904223U;
      const ClientId client = (random >> 8) % kSessionHotClients;
      if (i == shutdown_at) registry.shutdown();
      const auto session = registry.session_of(client);
      switch ((random >> 16) % 8) {
        case 0:
        case 1:
        case 2:
          if (registry.connect(client).status == ConnectStatus::ok) ++let_in;
          break;
        case 3:
          if (session) end(registry, *session, EndReason::disconnected);
          break;
        case 4:
          if (session) end(registry, *session, EndReason::kicked);
          break;
        case 5:
          // Most likely of a stay that is over: then nothing may happen.
          end(registry, earlier, EndReason::overflowed);
          break;
        case 6:
          if (session && registry.heartbeat(*session)) earlier = *session;
          break;
        default:
          session_stress_clock_ns += 600;
          won[static_cast<std::size_t>(EndReason::reaped)] += registry.reap();
      }
    }
    registry.shutdown();
  }

  // Stays that were not opened once, ended once and told goodbye as they should be.
  [[nodiscard]] unsigned wrong_stays() const {
    unsigned wrong = 0;
    for (const auto& of_client : stays) {
      for (const SessionStayRecord& stay : of_client) {
        const bool sent_away = stay.opened == 1 && stay.reason != 0;
        wrong +=
            stay.opened > 1 || stay.ended != stay.opened || stay.goodbye != (sent_away ? 1U : 0U) ? 1 : 0;
      }
    }
    return wrong;
  }
};

TEST_CASE("every stay ends exactly once, whoever ends it", "[pool][session][stress]") {
  for (unsigned round = 0; round < stress_rounds(2'000); ++round) {
    const auto churn = std::make_unique<SessionChurn>();
    SessionRegistry registry(churn->options());
    detail::run_threads(kSessionChurnThreads, [&](unsigned id) {
      // In every other round one thread closes the registry while the others are at work.
      churn->run(registry, id,
                 id == 0 && round % 2 == 0 ? kSessionChurnOperations / 2 : kSessionChurnOperations);
    });
    REQUIRE(churn->wrong_stays() == 0);
    REQUIRE(churn->out_of_order == 0);
    REQUIRE(churn->above_limit == 0);
    REQUIRE(churn->live == 0);
    const SessionTotals totals = registry.totals();
    REQUIRE(totals.active == 0);
    REQUIRE(totals.connected == churn->let_in);
    REQUIRE(totals.balanced());
    for (const EndReason reason :
         {EndReason::disconnected, EndReason::kicked, EndReason::reaped, EndReason::overflowed}) {
      REQUIRE(totals.ended_for(reason) == churn->won[static_cast<std::size_t>(reason)]);
    }
  }
}

// It would be left over, and the shutdown wait for it for ever.
TEST_CASE("a shutdown misses nobody who is just being let in", "[pool][session][stress]") {
  const unsigned rounds = stress_rounds(20'000);
  std::unique_ptr<SessionRegistry> registry;
  std::atomic<unsigned> arrived{0};
  unsigned wrong = 0;
  // Both threads wait here, in order: before the race, after it.
  const auto meet = [&arrived](unsigned step) {
    ++arrived;
    while (arrived < 2 * step) sched_yield();
  };
  detail::run_threads(2, [&](unsigned id) {
    for (unsigned round = 0; round < rounds; ++round) {
      if (id == 0) {
        SessionRegistry::Options options;
        if (round % 2 == 0) options.opened = [](SessionRef) {};
        registry = std::make_unique<SessionRegistry>(options);
      }
      meet(2 * round + 1);
      const bool admitted = id == 0 && registry->connect(0).status == ConnectStatus::ok;
      if (id == 1) registry->shutdown();
      meet(2 * round + 2);
      if (id == 0) {
        const SessionTotals totals = registry->totals();
        wrong += totals.connected != (admitted ? 1 : 0) || totals.active != 0 || !totals.balanced() ? 1 : 0;
      }
    }
  });
  CHECK(wrong == 0);
}

TEST_CASE("a session that is heard of in time is never reaped", "[pool][session][stress]") {
  session_stress_clock_ns = 0;
  SessionRegistry::Options options;
  options.clients = 2;
  options.idle_timeout = std::chrono::milliseconds(1);
  options.now = &session_stress_clock;
  SessionRegistry registry(options);
  const SessionRef session = registry.connect(0).session;
  std::atomic<bool> done{false};
  unsigned lost = 0;
  std::vector<std::thread> reapers;
  for (int i = 0; i < 2; ++i) {
    reapers.emplace_back([&] {
      while (!done) registry.reap();
    });
  }
  // Only this thread moves the clock, and it is heard of after every step of 0.9 time-outs.
  for (unsigned i = 0; i < stress_rounds(200'000); ++i) {
    session_stress_clock_ns += 900'000;
    lost += registry.heartbeat(session) ? 0 : 1;
  }
  done = true;
  for (std::thread& reaper : reapers) reaper.join();
  CHECK(lost == 0);
  CHECK(registry.totals().ended_for(EndReason::reaped) == 0);
}

TEST_CASE("registries are made and torn down while their reaper is at work", "[pool][session][stress]") {
  for (unsigned round = 0; round < stress_rounds(1'000); ++round) {
    std::atomic<unsigned> ended{0};
    {
      SessionRegistry::Options options;
      options.clients = 3;
      options.idle_timeout = std::chrono::microseconds(1);
      options.reap_interval = std::chrono::nanoseconds(1 + round % 3 * 20'000);
      options.ended = [&ended](SessionRef, EndReason) { ++ended; };
      SessionRegistry registry(options);
      for (ClientId client = 0; client < round % 4; ++client) registry.connect(client);
      if (round % 2 == 0) registry.shutdown();
    }
    REQUIRE(ended == round % 4);
  }
}

// Posters, an owner that receives, and ends of sessions, on one inbox. Returns its totals; `received` is what the owner
// got of each stay, in order.
InboxTotals inbox_churn(InboxPolicy policy, std::vector<std::vector<std::uint64_t>>& received) {
  ServerOptions options;
  options.inbox_policy = policy;
  options.inbox_capacity = 5;
  Inbox inbox;
  constexpr std::uint64_t kPushes = 400;
  std::vector<Message> messages(2 * kPushes);
  for (std::uint64_t i = 0; i < messages.size(); ++i) messages[i].sequence = i;
  std::atomic<unsigned> posters{2};
  detail::run_threads(3, [&](unsigned id) {
    if (id < 2) {
      for (std::uint64_t n = 0; n < kPushes; ++n) {
        // Numbers of a sender go up; the two senders are told apart by the lowest bit.
        inbox.fetch_place();
        inbox.push(inbox.generation(), &messages[n * 2 + id], options);
      }
      --posters;
      return;
    }
    TakenMessages out;
    unsigned turn = 0;
    while (posters != 0) {
      out.clear();
      inbox.receive(out);
      const Delivery* const deliveries = out.deliveries();
      for (std::size_t i = 0; i < out.size(); ++i) received.back().push_back(deliveries[i].sequence);
      if (++turn % 16 != 0) continue;
      inbox.close([](const Message* const*, std::size_t) {});
      inbox.trim();
      received.emplace_back();
    }
  });
  return inbox.totals();
}

TEST_CASE("an inbox loses no account of a delivery under any policy", "[pool][inbox][stress]") {
  for (unsigned round = 0; round < stress_rounds(20); ++round) {
    for (const InboxPolicy policy :
         {InboxPolicy::grow, InboxPolicy::drop_oldest, InboxPolicy::drop_newest, InboxPolicy::disconnect}) {
      std::vector<std::vector<std::uint64_t>> received(1);
      const InboxTotals totals = inbox_churn(policy, received);
      REQUIRE(totals.enqueued == 800);
      REQUIRE(totals.enqueued == totals.received + totals.queued + totals.dropped + totals.discarded);
      if (policy == InboxPolicy::grow) REQUIRE(totals.dropped == 0);
      // What one sender sent to one stay are neighbouring numbers. Without losses they are received without a gap.
      const bool gap_free = policy == InboxPolicy::grow || policy == InboxPolicy::disconnect;
      std::uint64_t got = 0;
      unsigned inversions = 0;
      unsigned gaps = 0;
      for (const auto& stay : received) {
        std::array<std::uint64_t, 2> next{0, 0};
        for (const std::uint64_t sequence : stay) {
          std::uint64_t& expected = next[sequence % 2];
          inversions += sequence < expected ? 1 : 0;
          gaps += expected != 0 && sequence > expected ? 1 : 0;
          expected = sequence + 2;
          ++got;
        }
      }
      if (gap_free) REQUIRE(gaps == 0);
      REQUIRE(got == totals.received);
      REQUIRE(inversions == 0);
    }
  }
}

}  // namespace
}  // namespace crosstalk::pool
