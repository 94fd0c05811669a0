// Whole trials, small ones: every strategy on every path, and what each option promises.
#include <catch2/catch.hpp>

#include <cstdint>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/catalog.h"
#include "harness/op_cursor.h"
#include "harness/quota.h"
#include "harness/trial_test_help.h"
#include "pool/stress_rounds.h"

namespace crosstalk::harness {
namespace {

using Kind = workloads::OpKind;
using pool::QueuePolicy;

constexpr std::uint64_t kTrialMs = 1'000'000;

const Catalog& catalog() {
  static const Catalog builtin = builtin_catalog();
  return builtin;
}
TrialFn trial_of(std::string_view name) {
  return catalog().find(name)->trial;
}

// The instants of a paced lap are 10 us apart, or so on average.
constexpr double kTrialGapNs = 10'000;
workloads::Arrival paced(workloads::ArrivalLaw law) {
  return {.law = law, .rate_ops_s = 1e9 / kTrialGapNs};
}

void check_sound(const TestTrial& trial, const Strategy& strategy) {
  const auto report = trial.run(strategy.trial);
  INFO(strategy.name);
  CHECK(broken(*report) == "");
  CHECK(report->phase.load() == Phase::done);
  CHECK_FALSE(report->interrupted);
  CHECK(sum_of(*report, &KindReport::count) + sum_of(*report, &KindReport::rejected) ==
        trial.input.options.operations);
  if (strategy.floor) return;
  CHECK(report->laws.missing + report->laws.duplicates + report->laws.unexpected == 0);
  CHECK(report->laws.delivered == report->laws.expected);
}

bool fits(const Strategy& strategy, const TestTrial& trial) {
  const TrialOptions& options = trial.input.options;
  const bool pooled = options.path == Path::pooled;
  const bool together = pooled && options.queue_policy == QueuePolicy::caller_runs;
  return !strategy.one_thread || (trial.input.drivers->size() == 1 && options.workers <= 1 && !together);
}

TEST_CASE("every built-in strategy holds the laws, called directly", "[harness][trial]") {
  for (const auto law : {workloads::ArrivalLaw::closed, workloads::ArrivalLaw::poisson}) {
    for (const unsigned drivers : {1U, 2U}) {
      TestTrial trial(mixed_trace(7, paced(law)), drivers);
      trial.input.options.open_loop = law != workloads::ArrivalLaw::closed;
      INFO(drivers << " drivers, open loop: " << trial.input.options.open_loop);
      for (const Strategy& strategy : catalog().strategies()) {
        if (fits(strategy, trial)) check_sound(trial, strategy);
      }
    }
  }
}

TEST_CASE("every built-in strategy holds the laws behind the pool, however full it gets",
          "[harness][trial]") {
  for (const auto law : {workloads::ArrivalLaw::closed, workloads::ArrivalLaw::poisson}) {
    for (const unsigned workers : {1U, 2U}) {
      // A sanitizer, under which all of it takes minutes, sees one number of workers with each load.
      if (pool::kSanitized && (law == workloads::ArrivalLaw::closed) == (workers == 1)) continue;
      for (const QueuePolicy policy : {QueuePolicy::block, QueuePolicy::reject, QueuePolicy::caller_runs,
                                       QueuePolicy::block_timeout, QueuePolicy::drop_oldest}) {
        TestTrial trial(mixed_trace(7, paced(law)), 1);
        trial.pooled(workers, policy, 2);  // a queue so short that the policy matters
        trial.input.options.open_loop = law != workloads::ArrivalLaw::closed;
        INFO(workers << " workers, policy " << static_cast<int>(policy)
                     << ", open loop: " << trial.input.options.open_loop);
        for (const Strategy& strategy : catalog().strategies()) {
          if (fits(strategy, trial)) check_sound(trial, strategy);
        }
      }
    }
  }
}

TEST_CASE("many laps under more threads than processors hold the laws", "[harness][trial][stress]") {
  for (const Strategy& strategy : catalog().strategies()) {
    for (const bool pooled : {false, true}) {
      TestTrial trial(mixed_trace(11), pooled ? 2 : 5);
      if (pooled) trial.pooled(4);
      trial.input.options.operations = 4'000 * std::uint64_t{pool::stress_rounds(10)};
      if (fits(strategy, trial)) check_sound(trial, strategy);
    }
  }
}

TEST_CASE("exactly as many operations are done as were asked for, over all drivers", "[harness][trial]") {
  for (const bool timed : {true, false}) {
    for (const unsigned drivers : {1U, 2U, 3U, 7U}) {
      for (const std::uint64_t operations : {1U, 2U, 5U, 1'000U, 3'001U}) {
        TestTrial trial(crowd_trace(10, 500, 3), drivers);
        trial.input.options.operations = operations;
        trial.input.options.latency = timed;
        const auto report = trial.run(trial_of("sharded/std_mutex"));
        INFO(drivers << " drivers, " << operations << " operations, timed: " << timed);
        CHECK(of_kind(*report, Kind::post).count == operations);
        CHECK(report->laws.accepted_posts == operations);
        CHECK(broken(*report) == "");
        CHECK(report->measured_s > 0);
      }
    }
  }
}

TEST_CASE("exactly as many operations are done behind the pool", "[harness][trial]") {
  for (const unsigned drivers : {1U, 2U, 3U}) {
    for (const std::uint64_t operations : {1U, 2U, 1'000U}) {
      TestTrial trial(crowd_trace(10, 500, 3), drivers);
      trial.pooled(2);
      trial.input.options.operations = operations;
      const auto report = trial.run(trial_of("coarse/std_mutex"));
      INFO(drivers << " drivers, " << operations << " operations");
      CHECK(of_kind(*report, Kind::post).count == operations);
      CHECK(of_kind(*report, Kind::post).queue.count() == operations);
      CHECK(broken(*report) == "");
    }
  }
}

// An open loop with a number of operations used to run for ever.
TEST_CASE("a number of operations ends an open loop as well", "[harness][trial]") {
  for (const bool pooled : {false, true}) {
    for (const unsigned drivers : {1U, 3U}) {
      TestTrial trial(mixed_trace(5, paced(workloads::ArrivalLaw::constant)), drivers);
      if (pooled) trial.pooled(2);
      trial.input.options.open_loop = true;
      trial.input.options.operations = 700;
      trial.input.options.warmup_ns = 2 * kTrialMs;
      const auto report = trial.run(trial_of("coarse/std_mutex"));
      CHECK(sum_of(*report, &KindReport::count) == 700);
      CHECK(sum_of(*report, &KindReport::offered) == 700);
      CHECK(broken(*report) == "");
    }
  }
}

// Such a driver's share used to be left undone.
TEST_CASE("drivers whose clients do nothing leave their share to the others", "[harness][trial]") {
  for (const bool pooled : {false, true}) {
    workloads::Trace trace = crowd_trace(6, 300, 1);
    for (workloads::Op& op : trace.ops) op.client = op.client / 3 * 3;  // clients 0 and 3 of drivers 0, 1, 2
    TestTrial trial(finished(std::move(trace)), 3);
    if (pooled) trial.pooled(2);
    trial.input.options.operations = 100;
    CHECK(of_kind(*trial.run(trial_of("coarse/std_mutex")), Kind::post).count == 100);
  }
}

// How many of the first measured operations each driver has, found by doing nothing but counting.
std::vector<std::uint64_t> counted_shares(const TestTrial& trial) {
  const TrialInput& input = trial.input;
  const std::uint64_t measure = input.clock.to_ticks(static_cast<double>(input.options.warmup_ns));
  std::vector<std::uint64_t> shares(input.drivers->size());
  OpCursor cursor(trial.trace().ops, trial.trace().lap_ns, true);
  for (std::uint64_t measured = 0; measured < input.options.operations; cursor.advance()) {
    if (input.clock.to_ticks(cursor.intended_ns()) < measure) continue;
    ++shares[cursor.op().client % shares.size()];
    ++measured;
  }
  return shares;
}

// Equal shares used to last longest for the driver with the fewest operations.
TEST_CASE("drivers of an open loop share operations as the trace does", "[harness][trial]") {
  for (const unsigned drivers : {1U, 2U, 3U}) {
    TestTrial trial(mixed_trace(5, paced(workloads::ArrivalLaw::poisson)), drivers);
    trial.input.options.open_loop = true;
    for (const std::uint64_t warmup_ms : {0U, 1U, 20U, 71U}) {
      for (const std::uint64_t operations : {1U, 7U, 1'999U, 2'000U, 12'345U}) {
        trial.input.options.warmup_ns = warmup_ms * kTrialMs;
        trial.input.options.operations = operations;
        std::vector<std::uint64_t> shares;
        for (unsigned driver = 0; driver < drivers; ++driver) shares.push_back(quota_of(trial.input, driver));
        INFO(drivers << " drivers, " << warmup_ms << " ms, " << operations << " operations");
        CHECK(shares == counted_shares(trial));
      }
    }
  }
}

TEST_CASE("drivers share the requests under way to the last one", "[harness][trial]") {
  TestTrial trial(crowd_trace(12, 300, 1), 3);
  const auto shares = [&](unsigned inflight) {
    trial.input.options.inflight = inflight;
    return std::vector<std::uint32_t>{inflight_of(trial.input, 0), inflight_of(trial.input, 1),
                                      inflight_of(trial.input, 2)};
  };
  CHECK(shares(8) == std::vector<std::uint32_t>{3, 3, 2});
  CHECK(shares(9) == std::vector<std::uint32_t>{3, 3, 3});
  CHECK(shares(1) == std::vector<std::uint32_t>{1, 1, 1});  // a stored plan may ask for so few
}

TEST_CASE("warm-up is checked but not measured", "[harness][trial]") {
  for (const bool pooled : {false, true}) {
    TestTrial trial(mixed_trace(2), 2);
    if (pooled) trial.pooled(2);
    trial.input.options.warmup_ns = 5 * kTrialMs;
    const auto report = trial.run(trial_of("sharded/std_mutex"));
    CHECK(sum_of(*report, &KindReport::count) == trial.trace().ops.size());
    CHECK(sum_of(report->measure, &IntervalReport::completed) == trial.trace().ops.size());
    CHECK(broken(*report) == "");
  }
}

TEST_CASE("a duration ends a closed loop, and no more is counted than ended in it", "[harness][trial]") {
  for (const bool timed : {true, false}) {
    TestTrial trial(mixed_trace(2), 2);
    trial.input.options.operations = 0;
    trial.input.options.duration_ns = 5 * kTrialMs;
    trial.input.options.latency = timed;
    const auto report = trial.run(trial_of("coarse/std_mutex"));
    CHECK(broken(*report) == "");
    CHECK(report->measured_s > 0);
    if (!timed) continue;  // between the driver's own readings of the clock
    CHECK(report->measured_s == 0.005);
    CHECK(sum_of(report->measure, &IntervalReport::completed) == sum_of(*report, &KindReport::count));
    CHECK(report->delivery_first.count() <=
          of_kind(*report, Kind::post).count + of_kind(*report, Kind::direct).count);
  }
}

TEST_CASE("without latency operations are counted and nothing is timed", "[harness][trial]") {
  TestTrial trial(mixed_trace(2), 1);
  trial.input.options.latency = false;
  const auto untimed = trial.run(trial_of("coarse/std_mutex"));
  trial.input.options.latency = true;
  const auto timed = trial.run(trial_of("coarse/std_mutex"));
  for (std::size_t i = 0; i < workloads::kOpKindCount; ++i) {
    CHECK(untimed->kinds[i].count == timed->kinds[i].count);
    CHECK(untimed->kinds[i].errors == timed->kinds[i].errors);
    CHECK(untimed->kinds[i].service.empty());
    CHECK(timed->kinds[i].service.count() == timed->kinds[i].count);
  }
  CHECK(untimed->delivery_first.empty());
  CHECK(untimed->laws.delivered == timed->laws.delivered);
  CHECK(broken(*untimed) == "");
}

// Instants are multiples of 10 us on a clock of 1 ns, so what is due in a phase is known exactly, whatever
// became of it.
TEST_CASE("an open loop offers exactly what was due, however slow the server", "[harness][trial]") {
  for (const bool pooled : {false, true}) {
    for (const unsigned drivers : {1U, 2U, 3U}) {
      TestTrial trial(mixed_trace(9, paced(workloads::ArrivalLaw::constant)), drivers);
      if (pooled) trial.pooled(1);
      trial.input.options.open_loop = true;
      trial.input.options.operations = 0;
      trial.input.options.warmup_ns = 10 * kTrialMs;
      trial.input.options.duration_ns = 30 * kTrialMs;  // ends in the second lap
      const auto report = trial.run(trial_of("coarse/std_mutex"));
      INFO(drivers << " drivers, pooled: " << pooled);
      CHECK(sum_of(*report, &KindReport::offered) == 3'000);
      CHECK(sum_of(report->measure, &IntervalReport::offered) == 3'000);
      CHECK(sum_of(report->warmup, &IntervalReport::offered) == 1'000);
      CHECK(sum_of(*report, &KindReport::count) <= 3'000);
      CHECK(sum_of(report->measure, &IntervalReport::completed) == sum_of(*report, &KindReport::count));
      CHECK(broken(*report) == "");
    }
  }
}

TEST_CASE("a replay runs to its end, open or closed, on every path", "[harness][trial]") {
  for (const bool open_loop : {false, true}) {
    for (const bool pooled : {false, true}) {
      for (const unsigned drivers : {1U, 2U}) {
        workloads::Trace trace = mixed_trace(4, paced(workloads::ArrivalLaw::poisson));
        trace.repeats = false;
        TestTrial trial(std::move(trace), drivers);
        if (pooled) trial.pooled(2);
        trial.input.options.open_loop = open_loop;
        const auto report = trial.run(trial_of("sharded/std_mutex"));
        CHECK(sum_of(*report, &KindReport::count) == trial.trace().ops.size());
        CHECK(sum_of(*report, &KindReport::offered) == (open_loop ? trial.trace().ops.size() : 0));
        CHECK(broken(*report) == "");
      }
    }
  }
}

TEST_CASE("a trace in which nobody is anywhere at the start is served", "[harness][trial]") {
  workloads::Trace trace;
  trace.clients = 3;
  trace.rooms = 1;
  for (const Kind kind : {Kind::connect, Kind::join, Kind::post, Kind::leave, Kind::disconnect}) {
    for (std::uint32_t client = 0; client < 3; ++client)
      trace.ops.push_back({.client = client, .bytes = 5, .kind = kind});
  }
  trace = finished(std::move(trace));
  trace.connected.clear();
  trace.repeats = false;
  for (const unsigned drivers : {1U, 2U}) {
    const TestTrial trial(trace, drivers);
    const auto report = trial.run(trial_of("coarse/std_mutex"));
    CHECK(broken(*report) == "");
    CHECK(sum_of(*report, &KindReport::errors) == 0);
    CHECK(report->laws.accepted_posts == 3);
    CHECK(report->laws.memberships == 0);
    CHECK(report->laws.sessions == 0);
  }
}

TEST_CASE("a trace without operations or clients ends at once", "[harness][trial]") {
  for (const bool pooled : {false, true}) {
    workloads::Trace trace;
    trace.repeats = false;
    TestTrial trial(trace, 2);
    if (pooled) trial.pooled(1);
    const auto report = trial.run(trial_of("sharded/std_mutex"));
    CHECK(broken(*report) == "");
    CHECK(sum_of(*report, &KindReport::count) == 0);
  }
}

TEST_CASE("who posts alone in a room reaches nobody, and all is well", "[harness][trial]") {
  for (const bool pooled : {false, true}) {
    TestTrial trial(crowd_trace(1, 200, 0), 1);
    if (pooled) trial.pooled(1);
    const auto report = trial.run(trial_of("coarse/std_mutex"));
    CHECK(broken(*report) == "");
    CHECK(of_kind(*report, Kind::post).count == 200);
    CHECK(of_kind(*report, Kind::post).errors == 0);
    CHECK(report->laws.expected == 0);
    CHECK(report->delivery_first.empty());
  }
}

TEST_CASE("what the server refuses is an error and breaks no law", "[harness][trial]") {
  workloads::Trace trace = crowd_trace(4, 100, 0);
  trace.members.pop_back();  // client 3 is no member
  std::uint64_t refused = 0;
  for (const workloads::Op& op : trace.ops) refused += op.client == 3 ? 1 : 0;
  const TestTrial trial(finished(std::move(trace)), 1);
  const auto report = trial.run(trial_of("coarse/std_mutex"));
  CHECK(of_kind(*report, Kind::post).errors == refused);
  CHECK(of_kind(*report, Kind::post).count == 100);
  CHECK(broken(*report) == "");
}

TEST_CASE("without checks no law is looked at", "[harness][trial]") {
  TestTrial trial(mixed_trace(1), 1);
  trial.input.options.checks = Checks::off;
  const auto report = trial.run(trial_of("coarse/std_mutex"));
  CHECK(sum_of(*report, &KindReport::count) == trial.trace().ops.size());
  CHECK(report->laws.expected == 0);
  CHECK(broken(*report) == "");
}

TEST_CASE("one driver does the same every time, and as the reference does", "[harness][trial]") {
  TestTrial trial(mixed_trace(21), 1);
  trial.input.options.checkpoint_limit = 1'500;
  trial.input.options.operations = 5'000;
  std::set<std::uint64_t> last;
  for (const Strategy& strategy : catalog().strategies()) {
    if (strategy.floor) continue;
    const auto report = trial.run(strategy.trial);
    REQUIRE(report->checkpoint_count > 10);
    CHECK(report->checkpoints[report->checkpoint_count - 1].operations == 1'500);
    last.insert(report->checkpoints[report->checkpoint_count - 1].digest);
  }
  CHECK(last.size() == 1);
}

}  // namespace
}  // namespace crosstalk::harness
