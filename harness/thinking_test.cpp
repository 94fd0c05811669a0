// Closed loops with think time, in virtual time: clients, their order and the law N = X (R + Z).
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "harness/audit.h"
#include "harness/thinking_clients.h"
#include "harness/trial_test_help.h"
#include "pool/chat/coarse_server.h"

namespace crosstalk::harness {
namespace {

using Server = pool::CoarseServer<std::mutex, LiveProbe>;
using workloads::ThinkLaw;

workloads::Trace two_clients(bool repeats) {
  workloads::Trace trace;
  trace.clients = 3;  // the last one does nothing
  trace.rooms = 1;
  trace.repeats = repeats;
  trace.ops = {{.client = 0, .bytes = 1}, {.client = 1, .bytes = 2}, {.client = 0, .bytes = 3}};
  return finished(std::move(trace));
}

TEST_CASE("thinking clients issue their own operations in order", "[harness][thinking]") {
  VirtualTime time;
  const Clock clock = Clock::driven_by(time);
  const workloads::Trace trace = two_clients(false);
  ThinkingClients clients(trace.ops, false, {ThinkLaw::constant, 1000, 0}, 1, clock);
  CHECK(clients.size() == 2);
  clients.start(time.now());
  std::map<std::uint32_t, std::vector<std::uint32_t>> bodies;
  while (!clients.empty()) {
    const ThinkingClients::Turn turn = clients.take();
    CHECK(turn.due >= time.now());
    time.pass_until(turn.due);
    bodies[clients.op(turn).client].push_back(clients.op(turn).bytes);
    const bool last = clients.is_last(turn);
    CHECK(clients.think(turn, time.now()) == (last ? 0 : time.now() + 1000));
  }
  CHECK(bodies[0] == std::vector<std::uint32_t>{1, 3});
  CHECK(bodies[1] == std::vector<std::uint32_t>{2});
}

TEST_CASE("a lap begins anew for each client by itself", "[harness][thinking]") {
  VirtualTime time;
  const workloads::Trace trace = two_clients(true);
  ThinkingClients clients(trace.ops, true, {ThinkLaw::constant, 1000, 0}, 1, Clock::driven_by(time));
  clients.start(time.now());
  std::vector<std::uint32_t> bodies;
  for (int i = 0; i < 20; ++i) {
    const ThinkingClients::Turn turn = clients.take();
    if (clients.op(turn).client == 0) bodies.push_back(clients.op(turn).bytes);
    clients.think(turn, turn.due);
  }
  REQUIRE(bodies.size() == 10);
  for (std::size_t i = 0; i < bodies.size(); ++i) CHECK(bodies[i] == (i % 2 == 0 ? 1 : 3));
}

TEST_CASE("who thinks for longer than any clock runs is not due at once", "[harness][thinking]") {
  VirtualTime time;
  const workloads::Trace trace = two_clients(true);
  ThinkingClients clients(trace.ops, true, {ThinkLaw::constant, 1e30, 0}, 1, Clock::driven_by(time));
  clients.start(time.now());
  for (int i = 0; i < 2; ++i) {
    const ThinkingClients::Turn turn = clients.take();
    CHECK(turn.due > time.now() + 1'000'000'000'000'000);
    CHECK(clients.think(turn, time.now()) > time.now() + 1'000'000'000'000'000);
  }
}

// The server takes no time at all, so that X = N / Z.
TEST_CASE("throughput under think time is N / (R + Z)", "[harness][thinking]") {
  for (const workloads::ThinkTime think :
       {workloads::ThinkTime{ThinkLaw::constant, 1e6, 0}, workloads::ThinkTime{ThinkLaw::exponential, 1e6, 0},
        workloads::ThinkTime{ThinkLaw::lognormal, 1e6, 0.5}}) {
    VirtualTime time;
    TestTrial trial(mixed_trace(3), 1);
    trial.input.clock = Clock::driven_by(time);
    trial.input.options.operations = 0;
    trial.input.options.warmup_ns = 5'000'000;
    trial.input.options.duration_ns = 2'000'000'000;
    trial.input.options.think = think;
    const auto report = trial.run(&run_trial<Server>);
    REQUIRE(broken(*report).empty());
    std::vector<bool> busy(trial.trace().clients);
    for (const workloads::Op& op : trial.trace().ops) busy[op.client] = true;
    const auto n = static_cast<double>(std::count(busy.begin(), busy.end(), true));
    const auto count = static_cast<double>(sum_of(*report, &KindReport::count));
    CHECK(count == Approx(n * 2e9 / think.mean_ns()).epsilon(0.02));
    const Audit found = audit(trial.input, *report);
    INFO(found.failure);
    CHECK(found.failure.empty());
    CHECK(found.loop_error.value_or(1) < 0.02);
  }
}

}  // namespace
}  // namespace crosstalk::harness
