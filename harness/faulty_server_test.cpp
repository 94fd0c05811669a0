// Servers that go wrong once. Every fault must be caught, by the laws or by the reference server, on every
// path; the same server without a fault must pass.
#include <catch2/catch.hpp>

#include <atomic>
#include <cstdint>
#include <string>

#include <sched.h>

#include "harness/child.h"
#include "harness/faulty_server_help.h"
#include "harness/reference_check.h"
#include "harness/trial_test_help.h"
#include "pool/chat/coarse_server.h"
#include "pool/stress_rounds.h"

namespace crosstalk::harness {
namespace {

enum class Mode : std::uint8_t { direct_one, direct_two, pooled };
constexpr Mode kModes[] = {Mode::direct_one, Mode::direct_two, Mode::pooled};

void set_mode(TestTrial& trial, Mode mode) {
  if (mode == Mode::pooled) trial.pooled(2);
  trial.input.options.checks = Checks::full;
  trial.input.options.checkpoint_limit = ~std::uint64_t{0};
}
unsigned drivers_of(Mode mode) {
  return mode == Mode::direct_two ? 2 : 1;
}

// What the laws have to say, or else the reference server; empty: nothing.
std::string verdict(const TestTrial& trial, Mode mode) {
  static const Catalog catalog = builtin_catalog();
  const auto report = trial.run(&run_trial<FaultyServer>);
  if (!broken(*report).empty() || mode != Mode::direct_one) return broken(*report);
  PreparedTrace prepared;
  prepared.trace = trial.trace();
  ReferenceCheck reference(catalog.find("reference/none"));
  return reference.compare(prepared, trial.input, *report);
}

// Two rooms with everybody in both; some leave the first one for good and go on in the second. Who comes back may
// rightly receive what is posted while its join is under way, so nobody does.
workloads::Trace parting_trace(std::uint64_t seed) {
  constexpr std::uint32_t kClients = 12;
  workloads::Trace trace;
  trace.clients = kClients;
  trace.rooms = 2;
  trace.repeats = false;
  for (std::uint32_t room = 0; room < 2; ++room) {
    for (std::uint32_t client = 0; client < kClients; ++client) trace.members.push_back({client, room});
  }
  workloads::RandomStream random(seed, workloads::Purpose::operations);
  std::uint32_t left = 0;
  for (std::uint32_t i = 0; i < 2'000; ++i) {
    if (i % 200 == 199 && left < kClients / 2) {
      trace.ops.push_back({.client = left++, .kind = workloads::OpKind::leave});
    }
    const auto client = static_cast<std::uint32_t>(random.below(kClients));
    const auto room = static_cast<std::uint32_t>(client < left ? 1 : random.below(2));
    trace.ops.push_back({.client = client, .room = room, .bytes = 20});
  }
  return finished(std::move(trace));
}

// Busy rooms, so that every fault finds its occasion and its consequences; nobody disconnects, which would
// excuse them. Where a post leaves somebody out nobody comes or goes either: beside a join or a leave the law
// cannot tell.
workloads::Trace busy_trace(std::uint64_t seed, Fault fault) {
  if (fault == Fault::after_leave) return parting_trace(seed);
  workloads::Scenario scenario = mixed_scenario();
  scenario.rooms = 3;
  scenario.disconnect_share = 0;
  if (fault == Fault::skip_member) scenario.churn = scenario.move = 0;
  return make_trace(scenario, seed, 12, {});
}

void check_caught(Fault fault) {
  for (const Mode mode : kModes) {
    for (std::uint64_t seed = 0; seed < 2 * pool::stress_rounds(10); ++seed) {
      INFO("mode " << static_cast<int>(mode) << ", seed " << seed);
      // Occasions to leave are rare.
      const std::uint64_t occasions = fault == Fault::after_leave ? 5 : 50;
      workloads::RandomStream random(seed, workloads::Purpose::plan);
      FaultyServer::plan = {fault, static_cast<std::int64_t>(random.below(occasions))};
      TestTrial trial(busy_trace(seed, fault), drivers_of(mode));
      set_mode(trial, mode);
      trial.input.options.operations *= 2;
      const std::string found = verdict(trial, mode);
      REQUIRE(FaultyServer::happened());
      CHECK_FALSE(found.empty());
    }
  }
}

TEST_CASE("a server without a fault raises no alarm", "[harness][faulty_server]") {
  FaultyServer::plan = {};
  for (const Mode mode : kModes) {
    for (std::uint64_t seed = 0; seed < 2 * pool::stress_rounds(10); ++seed) {
      INFO("mode " << static_cast<int>(mode) << ", seed " << seed);
      TestTrial trial(seed % 2 == 0 ? busy_trace(seed, Fault::none) : mixed_trace(seed), drivers_of(mode));
      set_mode(trial, mode);
      CHECK(verdict(trial, mode) == "");
    }
  }
}

TEST_CASE("a delivery that is dropped is caught", "[harness][faulty_server]") {
  check_caught(Fault::drop);
}
TEST_CASE("a delivery that is doubled is caught", "[harness][faulty_server]") {
  check_caught(Fault::twice);
}
TEST_CASE("deliveries that change places are caught", "[harness][faulty_server]") {
  check_caught(Fault::swap);
}
TEST_CASE("a member that is left out is caught", "[harness][faulty_server]") {
  check_caught(Fault::skip_member);
}
TEST_CASE("a delivery after the leave is caught", "[harness][faulty_server]") {
  check_caught(Fault::after_leave);
}
TEST_CASE("a leave that is lost is caught", "[harness][faulty_server]") {
  check_caught(Fault::lost_leave);
}
TEST_CASE("two posts of one number are caught", "[harness][faulty_server]") {
  check_caught(Fault::same_number);
}
TEST_CASE("a damaged body is caught", "[harness][faulty_server]") {
  check_caught(Fault::damage);
}
TEST_CASE("a direct message to the wrong client is caught", "[harness][faulty_server]") {
  check_caught(Fault::wrong_client);
}

struct LocksNothing {
  void lock() noexcept {}
  void unlock() noexcept {}
};

// Holds the first thread that comes in while measuring until a second one stands beside it, so that the
// lock's failure is no matter of luck. A lock that excludes would never let the second one in.
class Meeting {
 public:
  void before(pool::Access) noexcept {}
  void acquired(pool::Access access) noexcept {
    live_.acquired(access);
    if (!armed || inside++ > 1) return;
    while (inside < 2) sched_yield();
  }
  void released(pool::Access access) noexcept { live_.released(access); }

  static inline std::atomic<bool> armed{false};

 private:
  static inline std::atomic<unsigned> inside{0};
  LiveProbe live_;
};

TEST_CASE("a lock that excludes nobody is caught as soon as two threads meet", "[harness][faulty_server]") {
  for (const Mode mode : kModes) {
    // Posts alone: they only read what the lock should guard.
    TestTrial trial(crowd_trace(8, 200, 0), drivers_of(mode));
    set_mode(trial, mode);
    if (mode != Mode::direct_one) {
      trial.input.on_phase = [](Phase phase) { Meeting::armed = phase == Phase::measure; };
    }
    const SharedReport report =
        make_shared_report();  // a process of its own: it has the only count of violations
    REQUIRE(run_in_child(&run_trial<pool::CoarseServer<LocksNothing, Meeting>>, trial.input, *report,
                         600'000'000'000) == "");
    const bool caught =
        broken(*report).find("entries into a critical section beside a writer") != std::string::npos;
    CHECK(caught == (mode != Mode::direct_one));
  }
}

// 1,000 members and 3,000 posts: 2,997,000 deliveries, of which one goes wrong. The laws alone must see it.
TEST_CASE("one delivery in a million that goes wrong is caught", "[harness][faulty_server][stress]") {
  constexpr std::uint32_t kMembers = 1'000;
  const std::uint32_t posts = 300 * pool::stress_rounds(10);
  for (const Fault fault : {Fault::none, Fault::drop, Fault::twice, Fault::swap, Fault::skip_member}) {
    for (const Mode mode : kModes) {
      INFO("fault " << static_cast<int>(fault) << ", mode " << static_cast<int>(mode));
      const std::uint64_t occasions =
          fault == Fault::skip_member ? posts : std::uint64_t{posts} * (kMembers - 1);
      workloads::RandomStream random(static_cast<std::uint64_t>(fault), workloads::Purpose::plan,
                                     static_cast<std::uint64_t>(mode));
      FaultyServer::plan = {fault, static_cast<std::int64_t>(random.below(occasions * 9 / 10))};
      TestTrial trial(crowd_trace(kMembers, posts, random.next()), drivers_of(mode));
      set_mode(trial, mode);
      trial.input.options.checks = Checks::live;
      trial.input.options.checkpoint_limit = 0;
      const auto report = trial.run(&run_trial<FaultyServer>);
      CHECK(FaultyServer::happened() == (fault != Fault::none));
      CHECK(broken(*report).empty() == (fault == Fault::none));
      CHECK(report->laws.expected == std::uint64_t{posts} * (kMembers - 1));
    }
  }
}

}  // namespace
}  // namespace crosstalk::harness
