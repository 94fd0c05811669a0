// How trials begin and end: as planned, by a stop, by an exception, refused.
#include <catch2/catch.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "harness/trial.h"
#include "harness/trial_test_help.h"
#include "harness/virtual_server_help.h"

namespace crosstalk::harness {
namespace {

using Kind = workloads::OpKind;

constexpr std::uint64_t kEndingMs = 1'000'000;
constexpr std::uint64_t kHourNs = 3'600'000 * kEndingMs;

// A server that calls `event` in its n-th post.
template <void (*event)(), std::uint64_t n>
class Eventful : public pool::CoarseServer<std::mutex, LiveProbe> {
 public:
  using pool::CoarseServer<std::mutex, LiveProbe>::CoarseServer;

  pool::PostResult post(pool::Caller& caller, pool::ClientId client, pool::RoomId room, std::uint64_t tag,
                        std::uint32_t bytes, const pool::PostWatch& watch) {
    if (++posts_ == n) event();
    return pool::CoarseServer<std::mutex, LiveProbe>::post(caller, client, room, tag, bytes, watch);
  }

 private:
  std::atomic<std::uint64_t> posts_{0};
};

void run_out_of_paper() {
  throw std::runtime_error("out of paper");
}
using Throwing = Eventful<&run_out_of_paper, 50>;

TEST_CASE("what a server throws comes out of the trial, and ends the measured phase", "[harness][trial]") {
  for (const unsigned drivers : {1U, 2U}) {
    const TestTrial trial(crowd_trace(4, 200, 0), drivers);
    const auto report = std::make_unique<TrialReport>();
    CHECK_THROWS_WITH(run_trial<Throwing>(trial.input, *report), "out of paper");
    CHECK(report->phase.load() == Phase::measure);
  }
}

TEST_CASE("what a server throws behind the pool costs one task and is a broken law", "[harness][trial]") {
  TestTrial trial(crowd_trace(4, 200, 0), 1);
  trial.pooled(2);
  const auto report = trial.run(&run_trial<Throwing>);
  CHECK(broken(*report) == "pool tasks ended by an exception against faults of the scenario: 1 against 0");
  CHECK(report->laws.pool_failed == 1);
  CHECK(report->laws.pool_submitted == report->laws.pool_completed + 1);
  CHECK(of_kind(*report, Kind::post).count == 199);
}

std::atomic<bool> stop{false};
void stop_now() {
  stop = true;
}
using Stopping = Eventful<&stop_now, 30>;

TEST_CASE("a stop ends the trial with what was measured until then", "[harness][trial]") {
  for (const bool open_loop : {false, true}) {
    for (const bool timed : {true, false}) {
      if (open_loop && !timed) continue;
      stop = false;
      TestTrial trial(crowd_trace(4, 1'000, 0), 1);
      trial.input.stop = &stop;
      trial.input.options.open_loop = open_loop;
      trial.input.options.latency = timed;
      trial.input.options.operations = 0;
      trial.input.options.duration_ns = kHourNs;
      const auto report = trial.run(&run_trial<Stopping>);
      CHECK(report->interrupted);
      CHECK(of_kind(*report, Kind::post).count == 30);
      CHECK(of_kind(*report, Kind::post).offered >= (open_loop ? 30 : 0));
      CHECK(report->measured_s > 0);
      CHECK(report->measured_s < 3'600);
      CHECK(broken(*report) == "");
    }
  }
}

TEST_CASE("a stop lets the requests under way end", "[harness][trial]") {
  for (const bool open_loop : {false, true}) {
    stop = false;
    TestTrial trial(crowd_trace(4, 1'000, 0), 2);
    trial.pooled(2);
    trial.input.stop = &stop;
    trial.input.options.open_loop = open_loop;
    trial.input.options.operations = 0;
    trial.input.options.duration_ns = kHourNs;
    const auto report = trial.run(&run_trial<Stopping>);
    CHECK(report->interrupted);
    CHECK(of_kind(*report, Kind::post).count >= 30);
    CHECK(report->laws.pool_submitted == report->laws.pool_completed);
    CHECK(broken(*report) == "");
  }
}

TEST_CASE("a stop during the warm-up leaves an empty measurement in order", "[harness][trial]") {
  stop = false;
  TestTrial trial(crowd_trace(4, 1'000, 0), 1);
  trial.input.stop = &stop;
  trial.input.options.operations = 0;
  trial.input.options.warmup_ns = trial.input.options.duration_ns = kHourNs;
  const auto report = trial.run(&run_trial<Stopping>);
  CHECK(report->interrupted);
  CHECK(of_kind(*report, Kind::post).count == 0);
  CHECK(report->measured_s == 0);
  CHECK(broken(*report) == "");
}

// Every 64th operation looks at the clock: the 100 ms used to hold the operations of 128 ms.
TEST_CASE("slow operations without latency are counted over the time that they took", "[harness][trial]") {
  for (const std::uint64_t warmup_ms : {0U, 20U}) {
    VirtualTime time;
    VirtualWork work{.time = &time, .service_ns = [](std::uint64_t) { return kEndingMs; }};
    VirtualWork::current = &work;
    TestTrial trial(crowd_trace(4, 500, 3), 1);
    trial.input.clock = Clock::driven_by(time);
    trial.input.options.latency = false;
    trial.input.options.operations = 0;
    trial.input.options.warmup_ns = warmup_ms * kEndingMs;
    trial.input.options.duration_ns = 100 * kEndingMs;
    const auto report = trial.run(&run_trial<VirtualServer>);
    CHECK(report->measured_s > 0.06);  // one such stretch at least
    CHECK(static_cast<double>(of_kind(*report, Kind::post).count) == Approx(report->measured_s * 1e3));
  }
}

class RefusingServer : public pool::CoarseServer<std::mutex, LiveProbe> {
 public:
  using pool::CoarseServer<std::mutex, LiveProbe>::CoarseServer;

  pool::Outcome connect(pool::Caller& /*caller*/, pool::ClientId /*client*/) { return pool::Outcome::full; }
};

// Nothing happens in it, so that every sum is right.
TEST_CASE("a server that lets nobody in breaks a law", "[harness][trial]") {
  const TestTrial trial(crowd_trace(4, 100, 0), 2);
  CHECK(broken(*trial.run(&run_trial<RefusingServer>)) ==
        "8 connects and joins refused that the trace begins with");
}

TEST_CASE("the phases come in order, the warm-up only where there is one", "[harness][trial]") {
  static std::vector<Phase> seen;
  for (const std::uint64_t warmup_ns : {std::uint64_t{0}, kEndingMs}) {
    seen.clear();
    TestTrial trial(crowd_trace(4, 100, 0), 2);
    trial.input.options.warmup_ns = warmup_ns;
    trial.input.on_phase = [](Phase phase) { seen.push_back(phase); };
    CHECK(trial.run(&run_trial<Stopping>) != nullptr);
    std::vector<Phase> expected{Phase::prefill, Phase::measure, Phase::drain, Phase::check, Phase::done};
    if (warmup_ns > 0) expected.insert(expected.begin() + 1, Phase::warmup);
    CHECK(seen == expected);
  }
}

}  // namespace
}  // namespace crosstalk::harness
