#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <malloc.h>

#include "pool/chat/inbox.h"
#include "pool/chat/session_registry.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

static_assert(Deadline::clock::is_steady, "the wall clock plays no part in a time-out");

// A clock that stands still until a test moves it.
std::atomic<std::int64_t> session_clock_ns{0};
Deadline session_clock() noexcept {
  return Deadline(nanoseconds(session_clock_ns.load()));
}

SessionRegistry::Options session_options(std::uint32_t clients, std::uint32_t limit = 0) {
  SessionRegistry::Options options;
  options.clients = clients;
  options.limit = limit;
  options.now = &session_clock;
  return options;
}

SessionRegistry::Options idle_session_options(std::uint32_t clients, nanoseconds timeout) {
  session_clock_ns = 0;
  SessionRegistry::Options options = session_options(clients);
  options.idle_timeout = timeout;
  return options;
}

// What the hooks were told, in order: "goodbye 3.0 kicked".
struct SessionDiary {
  std::vector<std::string> lines;

  void note(const char* hook, SessionRef session, EndReason reason) {
    static constexpr std::array kWords{"disconnected", "kicked", "reaped", "overflowed", "shutdown"};
    lines.push_back(std::string(hook) + ' ' + std::to_string(session.client) + '.' +
                    std::to_string(session.generation) + ' ' + kWords[static_cast<std::size_t>(reason)]);
  }
  void listen(SessionRegistry::Options& options) {
    options.goodbye = [this](SessionRef session, EndReason reason) { note("goodbye", session, reason); };
    options.ended = [this](SessionRef session, EndReason reason) { note("ended", session, reason); };
  }
};

TEST_CASE("a client has one session at a time, and the next is of the next generation", "[pool][session]") {
  SessionRegistry registry(session_options(2));
  CHECK_FALSE(registry.session_of(1).has_value());
  for (std::uint32_t generation = 0; generation < 3; ++generation) {
    const ConnectResult result = registry.connect(1);
    CHECK(result.status == ConnectStatus::ok);
    CHECK(result.session == SessionRef{1, generation});
    CHECK(registry.session_of(1) == result.session);
    CHECK(registry.connect(1).status == ConnectStatus::already_connected);
    CHECK(registry.active(result.session));
    CHECK(registry.disconnect(result.session));
    CHECK_FALSE(registry.active(result.session));
    CHECK_FALSE(registry.disconnect(result.session));
  }
  const SessionTotals totals = registry.totals();
  CHECK(totals.connected == 3);
  CHECK(totals.ended_for(EndReason::disconnected) == 3);
  CHECK(totals.rejected_for(ConnectStatus::already_connected) == 3);
  CHECK(totals.balanced());
}

TEST_CASE("a newcomer is refused for a reason", "[pool][session]") {
  SessionRegistry registry(session_options(4, 2));
  CHECK(registry.connect(4).status == ConnectStatus::no_such_client);
  const SessionRef first = registry.connect(0).session;
  CHECK(registry.connect(1).status == ConnectStatus::ok);
  CHECK(registry.connect(2).status == ConnectStatus::full);
  CHECK(registry.connect(1).status == ConnectStatus::already_connected);
  registry.disconnect(first);
  const ConnectResult admitted = registry.connect(2);
  CHECK(admitted.status == ConnectStatus::ok);
  CHECK(admitted.session.generation == 0);  // to be refused is no stay
  registry.stop_accepting();
  CHECK(registry.connect(3).status == ConnectStatus::shutting_down);
  const SessionTotals totals = registry.totals();
  CHECK(totals.connected == 3);
  CHECK(totals.active == 2);
  CHECK(totals.rejected == std::array<std::uint64_t, kConnectStatuses>{0, 1, 1, 0, 1, 1});
  CHECK(totals.balanced());
}

TEST_CASE("a handle of an earlier stay ends and finds nothing", "[pool][session]") {
  SessionRegistry registry(session_options(1));
  const SessionRef earlier = registry.connect(0).session;
  registry.kick(earlier);
  const SessionRef now = registry.connect(0).session;
  CHECK_FALSE(registry.active(earlier));
  CHECK_FALSE(registry.heartbeat(earlier));
  CHECK_FALSE(registry.kick(earlier));
  CHECK_FALSE(registry.disconnect(earlier));
  CHECK(registry.active(now));
  const SessionRef none{7, 0};
  CHECK_FALSE(registry.active(none));
  CHECK_FALSE(registry.heartbeat(none));
  CHECK_FALSE(registry.kick(none));
  CHECK_FALSE(registry.session_of(7).has_value());
}

TEST_CASE("an idle session is reaped after its time-out, a 64th late at most, and never early",
          "[pool][session]") {
  for (const std::int64_t timeout : {1'000, 4'095, 4'096, 4'097, 1'000'000, 1'999'999, 30'000'000}) {
    for (const std::int64_t start : {0, 1, 777, 123'456'789}) {
      SessionRegistry registry(idle_session_options(1, nanoseconds(timeout)));
      session_clock_ns = start;
      const SessionRef session = registry.connect(0).session;
      session_clock_ns = start + timeout / 2;
      REQUIRE(registry.heartbeat(session));
      const std::int64_t heard = session_clock_ns;
      session_clock_ns = heard + timeout;
      REQUIRE(registry.reap() == 0);
      session_clock_ns = heard + timeout + (timeout + 63) / 64;
      REQUIRE(registry.reap() == 1);
      REQUIRE_FALSE(registry.heartbeat(session));
      REQUIRE(registry.totals().ended_for(EndReason::reaped) == 1);
    }
  }
}

TEST_CASE("a session's age is right where its stamp wraps round", "[pool][session]") {
  SessionRegistry registry(idle_session_options(1, nanoseconds(1'000)));  // a tick is 4 ns
  session_clock_ns = (std::int64_t{1} << 32) - 400;  // 100 ticks before the stamp is 0 again
  const SessionRef session = registry.connect(0).session;
  session_clock_ns += 900;
  CHECK(registry.reap() == 0);
  CHECK(registry.heartbeat(session));
  session_clock_ns += 1'000;
  CHECK(registry.reap() == 0);
  session_clock_ns += 16;
  CHECK(registry.reap() == 1);
}

TEST_CASE("a heartbeat of an earlier instant takes nothing back", "[pool][session]") {
  SessionRegistry registry(idle_session_options(1, milliseconds(1)));
  session_clock_ns = 5'000'000;
  const SessionRef session = registry.connect(0).session;
  CHECK(registry.heartbeat(session, Deadline(nanoseconds(1'000'000))));
  CHECK(registry.reap() == 0);
  // A clock read before the session was heard of, as by a reaper that was preempted.
  session_clock_ns = 4'000'000;
  CHECK(registry.reap() == 0);
  CHECK(registry.active(session));
}

TEST_CASE("without a time-out nobody is reaped", "[pool][session]") {
  SessionRegistry registry(session_options(1));
  const SessionRef session = registry.connect(0).session;
  session_clock_ns += std::int64_t{1} << 60;
  CHECK(registry.reap() == 0);
  CHECK(registry.heartbeat(session));
  session_clock_ns = 0;
}

TEST_CASE("a registry with an interval reaps by itself", "[pool][session]") {
  SessionRegistry::Options options = idle_session_options(3, milliseconds(1));
  options.reap_interval = nanoseconds(50'000);
  SessionRegistry registry(options);
  for (const ClientId client : {0U, 1U, 2U}) registry.connect(client);
  session_clock_ns = 10'000'000;
  CHECK(registry.wait_empty());
  CHECK(registry.totals().ended_for(EndReason::reaped) == 3);
}

TEST_CASE("a kick overtakes what the session has queued", "[pool][session]") {
  SessionRegistry registry(session_options(2));
  const SessionRef session = registry.connect(0).session;
  const SessionRef other = registry.connect(1).session;
  int ran = 0;
  int dropped = 0;
  std::deque<std::function<void()>> queue;  // a strand and its priority lane, without the threads
  const auto request_of = [&](SessionRef of) {
    return [&registry, &ran, &dropped, of] { ++(registry.active(of) ? ran : dropped); };
  };
  for (int i = 0; i < 10; ++i) {
    queue.emplace_back(request_of(session));
    queue.emplace_back(request_of(other));
  }
  for (int i = 0; i < 4; ++i) {
    queue.front()();
    queue.pop_front();
  }
  CHECK(registry.kick(session));
  for (; !queue.empty(); queue.pop_front()) queue.front()();
  CHECK(ran == 2 + 10);
  CHECK(dropped == 8);
}

TEST_CASE("whoever is sent away hears a goodbye once, and then its end is told once", "[pool][session]") {
  SessionDiary diary;
  SessionRegistry::Options options = idle_session_options(5, milliseconds(1));
  diary.listen(options);
  SessionRegistry registry(options);
  registry.disconnect(registry.connect(0).session);
  registry.kick(registry.connect(1).session);
  registry.connect(2);
  session_clock_ns = 2'000'000;
  registry.reap();
  registry.end(registry.connect(3).session, EndReason::overflowed);
  registry.connect(4);
  CHECK(registry.shutdown());
  CHECK(registry.shutdown());
  CHECK(diary.lines == std::vector<std::string>{"ended 0.0 disconnected", "goodbye 1.0 kicked",
                                                "ended 1.0 kicked", "goodbye 2.0 reaped", "ended 2.0 reaped",
                                                "goodbye 3.0 overflowed", "ended 3.0 overflowed",
                                                "goodbye 4.0 shutdown", "ended 4.0 shutdown"});
  CHECK(registry.totals().ended == std::array<std::uint64_t, kEndReasons>{1, 1, 1, 1, 1});
  CHECK(registry.totals().balanced());
}

TEST_CASE("a hook that throws is counted and harms nobody", "[pool][session]") {
  SessionRegistry::Options options = session_options(2);
  int ends = 0;
  options.goodbye = [](SessionRef, EndReason) { throw std::runtime_error("the line is dead"); };
  options.ended = [&ends](SessionRef, EndReason) {
    ++ends;
    throw 42;
  };
  SessionRegistry registry(options);
  registry.connect(0);
  registry.connect(1);
  CHECK(registry.shutdown());
  CHECK(ends == 2);
  CHECK(registry.totals().hook_errors == 4);
  CHECK(registry.totals().balanced());
}

TEST_CASE("a hook may end, admit and look up sessions", "[pool][session]") {
  SessionRegistry::Options options = session_options(3);
  SessionRegistry* registry = nullptr;
  std::vector<ConnectStatus> statuses;
  options.ended = [&](SessionRef session, EndReason) {
    if (session.client != 0) return;
    // Its own place is not free before the hook returns; everybody else's is as ever.
    statuses.push_back(registry->connect(0).status);
    CHECK_FALSE(registry->session_of(0).has_value());
    CHECK(registry->kick(*registry->session_of(1)));
    statuses.push_back(registry->connect(2).status);
    CHECK_FALSE(registry->wait_empty());
  };
  SessionRegistry made(options);
  registry = &made;
  made.connect(1);
  CHECK(made.kick(made.connect(0).session));
  CHECK(statuses == std::vector<ConnectStatus>{ConnectStatus::ending, ConnectStatus::ok});
  CHECK(made.totals().active == 1);
  CHECK(made.totals().ended_for(EndReason::kicked) == 2);
}

TEST_CASE("a session that is kicked while it is let in ends before connect returns", "[pool][session]") {
  SessionDiary diary;
  SessionRegistry::Options options = session_options(1);
  SessionRegistry* registry = nullptr;
  diary.listen(options);
  options.opened = [&](SessionRef session) {
    diary.note("opened", session, EndReason::kicked);
    CHECK_FALSE(registry->active(session));
    CHECK(registry->kick(session));
    CHECK_FALSE(registry->disconnect(session));
  };
  SessionRegistry made(options);
  registry = &made;
  const ConnectResult result = made.connect(0);
  CHECK(result.status == ConnectStatus::ok);
  CHECK_FALSE(made.active(result.session));
  CHECK(diary.lines ==
        std::vector<std::string>{"opened 0.0 kicked", "goodbye 0.0 kicked", "ended 0.0 kicked"});
  CHECK(made.totals().balanced());
}

TEST_CASE("where opened throws there was no stay", "[pool][session]") {
  SessionRegistry::Options options = session_options(1, 1);
  bool fail = true;
  int ends = 0;
  options.opened = [&fail](SessionRef) {
    if (std::exchange(fail, false)) throw std::runtime_error("no room");
  };
  options.ended = [&ends](SessionRef, EndReason) { ++ends; };
  SessionRegistry registry(options);
  CHECK_THROWS_WITH(registry.connect(0), "no room");
  CHECK(ends == 0);
  CHECK(registry.totals().connected == 0);
  CHECK(registry.totals().active == 0);
  CHECK(registry.connect(0).session.generation == 0);
}

TEST_CASE("a shutdown inside a hook does not wait for itself", "[pool][session]") {
  SessionRegistry::Options options = session_options(3);
  SessionRegistry* registry = nullptr;
  bool complete = true;
  options.ended = [&](SessionRef, EndReason reason) {
    if (reason == EndReason::kicked) complete = registry->shutdown();
  };
  SessionRegistry made(options);
  registry = &made;
  for (const ClientId client : {0U, 1U, 2U}) made.connect(client);
  CHECK(made.kick(*made.session_of(1)));
  CHECK_FALSE(complete);  // the kicked session itself was still there
  CHECK(made.totals().ended_for(EndReason::shutdown) == 2);
  CHECK(made.connect(1).status == ConnectStatus::shutting_down);
  CHECK(made.shutdown());
  CHECK(made.totals().balanced());
}

TEST_CASE("an orderly end gives time to leave, and who stays is sent away", "[pool][session]") {
  SessionRegistry registry(session_options(2));
  const SessionRef polite = registry.connect(0).session;
  registry.connect(1);
  registry.stop_accepting();
  std::thread leaving([&] { registry.disconnect(polite); });
  CHECK_FALSE(registry.wait_empty(Deadline{}));
  leaving.join();
  CHECK(registry.shutdown());
  CHECK(registry.wait_empty(Deadline{}));
  CHECK(registry.totals().ended_for(EndReason::disconnected) == 1);
  CHECK(registry.totals().ended_for(EndReason::shutdown) == 1);
}

TEST_CASE("destroying a registry ends everybody's session", "[pool][session]") {
  SessionDiary diary;
  {
    SessionRegistry::Options options = idle_session_options(2, milliseconds(1));
    options.reap_interval = std::chrono::hours(1);
    diary.listen(options);
    SessionRegistry registry(options);
    registry.connect(1);
  }
  CHECK(diary.lines == std::vector<std::string>{"goodbye 1.0 shutdown", "ended 1.0 shutdown"});
}

TEST_CASE("an idle session costs at most 100 bytes and its connecting allocates nothing", "[pool][session]") {
  constexpr std::uint32_t kClients = 20'000;
  const auto in_use = [] {
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  const std::size_t before = in_use();
  SessionRegistry registry(session_options(kClients));
  const std::vector<Inbox> inboxes(kClients);
  const std::size_t made = in_use();
  for (ClientId client = 0; client < kClients; ++client) registry.connect(client);
  const std::size_t connected = in_use();
  CHECK(registry.totals().active == kClients);
  CHECK(inboxes.back().bytes() == 64);
  if constexpr (kSanitized) return;  // whose allocators keep no such account
  CHECK(made - before >= std::size_t{kClients} * 72);
  CHECK(made - before <= std::size_t{kClients} * 100);
  CHECK(connected == made);
}

TEST_CASE("bad options are refused with bound and value", "[pool][session]") {
  const auto refused = [](auto change) -> std::string {
    SessionRegistry::Options options = session_options(10);
    change(options);
    try {
      const SessionRegistry registry(options);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(refused([](auto& o) { o.clients = 0; }) == "session registry: clients must be at least 1, got 0");
  CHECK(refused([](auto& o) { o.limit = 11; }) ==
        "session registry: limit must be at most clients, 10, got 11");
  CHECK(refused([](auto& o) { o.idle_timeout = nanoseconds(999); }) ==
        "session registry: idle_timeout must be 0 or at least 1000 ns, got 999");
  CHECK(refused([](auto& o) { o.reap_interval = nanoseconds(-1); }) ==
        "session registry: reap_interval must not be negative, got -1");
  CHECK(refused([](auto& o) { o.reap_interval = nanoseconds(5); }) ==
        "session registry: reap_interval must be 0 without an idle_timeout, got 5");
  CHECK(refused([](auto& o) { o.now = nullptr; }) == "session registry: now must be a clock");
  CHECK(refused([](auto& o) { o.idle_timeout = nanoseconds::max(); }) == "accepted");
}

}  // namespace
}  // namespace crosstalk::pool
