#include <catch2/catch.hpp>

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/results.h"
#include "harness/trial_test_help.h"

namespace crosstalk::harness {
namespace {

using reports::Status;
using workloads::OpKind;

constexpr std::uint64_t kSecond = 1'000'000'000;

// A trial of two seconds in which all went well: 1,000 posts of 100 ns, 500 joins of 40 ns, 30 receives.
struct Case {
  PlanRow row;
  Strategy strategy;
  workloads::Trace trace;
  TrialContext context;
  std::unique_ptr<TrialReport> report = std::make_unique<TrialReport>();

  Case() {
    row.strategy = strategy.name = "coarse/std_mutex";
    row.duration_ns = 2 * kSecond;
    trace.clients = 70;
    trace.hash = 0xABC;
    context.run_id = "run-1";
    context.scenario = "team";
    context.trace = &trace;
    report->measured_s = 2;
    report->interval_ns = kSecond;
    report->warmup_interval_ns = kSecond;
    fill(OpKind::post, 1'000, 100);
    fill(OpKind::join, 500, 40);
    fill(OpKind::receive, 30, 9'000);
  }

  void fill(OpKind kind, std::uint64_t count, std::uint64_t service_ns) {
    KindReport& into = report->kinds[static_cast<std::size_t>(kind)];
    into.count += count;
    into.service.record(service_ns, count);
  }
  // Turns it into a trial of an open loop; every operation waited as long again as it took.
  void open_loop(std::uint64_t offered_posts, std::uint64_t offered_joins) {
    row.load = LoadModel::poisson;
    row.rate_ops_s = 750;
    for (const OpKind kind : {OpKind::post, OpKind::join}) {
      KindReport& into = report->kinds[static_cast<std::size_t>(kind)];
      into.response.record(2 * into.service.max(), into.count);
      into.lateness.record(1, into.count);
      into.offered = kind == OpKind::post ? offered_posts : offered_joins;
    }
  }
  void break_law(const char* text) { std::strcpy(report->laws.broken.data(), text); }

  [[nodiscard]] reports::RunResult result() const { return make_result(row, strategy, *report, context); }
};

const reports::OpResult& op(const reports::RunResult& result, std::string_view name) {
  for (const reports::OpResult& found : result.ops) {
    if (found.op == name) return found;
  }
  FAIL("no row " << name);
  return result.ops.front();
}

TEST_CASE("the row of all operations sums what clients asked for, receives apart", "[harness][results]") {
  const auto result = Case().result();
  REQUIRE(result.ops.size() == 4);
  CHECK(result.ops[0].op == "all");
  CHECK(result.ops[0].count == 1'500);
  CHECK(result.ops[0].achieved_ops_s == 750);
  CHECK(result.ops[0].service.count() == 1'500);
  CHECK(op(result, "post").achieved_ops_s == 500);
  CHECK(op(result, "join").count == 500);
  CHECK(op(result, "receive").count == 30);
  CHECK(result.status == Status::ok);
  CHECK(result.verified == true);
}

TEST_CASE("in a closed loop the response is the service, and nothing was offered", "[harness][results]") {
  const auto result = Case().result();
  for (const reports::OpResult& row : result.ops) {
    CHECK_FALSE(row.offered_ops_s.has_value());
    CHECK(row.response.max() == row.service.max());
    CHECK(row.response.count() == row.service.count());
    CHECK(row.lateness.empty());
  }
}

TEST_CASE("an open loop offers what was due over the measured time", "[harness][results]") {
  Case trial;
  trial.open_loop(1'000, 520);
  const auto result = trial.result();
  CHECK(result.ops[0].offered_ops_s == 760);
  CHECK(op(result, "post").offered_ops_s == 500);
  CHECK(op(result, "join").offered_ops_s == 260);
  CHECK_FALSE(op(result, "receive").offered_ops_s.has_value());
  CHECK(result.ops[0].response.max() == 200);
  CHECK(result.status == Status::ok);
  trial.report->flows.system.begun = 16;  // more than one in a hundred waited
  CHECK(trial.result().status == Status::saturated);
  trial.report->flows.service.begun = 16;  // they were under way
  CHECK(trial.result().status == Status::ok);
}

TEST_CASE("a replay offers over the trace's own time, however long the server took", "[harness][results]") {
  Case trial;
  trial.open_loop(1'000, 500);
  trial.row.load = LoadModel::trace;
  trial.row.duration_ns = 0;
  trial.row.warmup_ns = kSecond;
  trial.trace.repeats = false;
  trial.trace.lap_ns = 2.5e9;
  const auto result = trial.result();
  CHECK(*result.ops[0].offered_ops_s == Approx(1'000));  // 1,500 in 2.5 s without the warm-up
  CHECK(result.ops[0].achieved_ops_s == 750);
  CHECK(result.status == Status::saturated);
}

TEST_CASE("a number of operations at a rate was offered at that rate", "[harness][results]") {
  Case trial;
  trial.open_loop(1'000, 500);
  trial.row.duration_ns = 0;
  trial.row.operations = 1'500;
  trial.row.rate_ops_s = 1'000;
  CHECK(*trial.result().ops[0].offered_ops_s == Approx(1'000));
}

TEST_CASE("an interrupted open loop offered until it was interrupted", "[harness][results]") {
  Case trial;
  trial.open_loop(1'000, 500);
  trial.row.duration_ns = 100 * kSecond;
  trial.report->interrupted = true;
  const auto result = trial.result();
  CHECK(*result.ops[0].offered_ops_s == Approx(750));
  CHECK(result.status == Status::interrupted);
}

TEST_CASE("a trial without time has no rate", "[harness][results]") {
  Case trial;
  trial.report->measured_s = 0;
  CHECK(trial.result().ops[0].achieved_ops_s == 0);
  CHECK(trial.result().intervals.empty());
}

TEST_CASE("a kind that was only refused has a row, one that never came has none", "[harness][results]") {
  Case trial;
  trial.report->kinds[static_cast<std::size_t>(OpKind::who)].rejected = 3;
  const auto result = trial.result();
  CHECK(op(result, "who").rejected == 3);
  CHECK(result.ops[0].rejected == 3);
  CHECK(result.ops.size() == 5);
}

TEST_CASE("the longest gap is the longest of any kind, and nothing where there was none",
          "[harness][results]") {
  Case trial;
  CHECK_FALSE(trial.result().ops[0].gap_max_ns.has_value());
  trial.report->kinds[static_cast<std::size_t>(OpKind::post)].gap_max_ns = 7;
  trial.report->kinds[static_cast<std::size_t>(OpKind::join)].gap_max_ns = 5;
  const auto result = trial.result();
  CHECK(result.ops[0].gap_max_ns == 7);
  CHECK(op(result, "join").gap_max_ns == 5);
}

TEST_CASE("the floor share is the null row's mean by this row's", "[harness][results]") {
  Case trial;
  CHECK_FALSE(trial.result().floor_share.has_value());
  trial.context.floor_mean_ns = 20;
  CHECK(*trial.result().floor_share == Approx(20 / 80.0));  // 1,000 x 100 and 500 x 40 ns
  trial.row.floor = true;
  CHECK_FALSE(trial.result().floor_share.has_value());
  CHECK(trial.result().identity.role == "floor");
  Case untimed;
  untimed.context.floor_mean_ns = 20;
  for (KindReport& kind : untimed.report->kinds) kind.service.clear();
  CHECK_FALSE(untimed.result().floor_share.has_value());
}

TEST_CASE("of all that can be said about a row the gravest is", "[harness][results]") {
  Case trial;
  trial.open_loop(2'000, 1'000);  // half was done
  CHECK(trial.result().status == Status::saturated);
  for (const OpKind kind : {OpKind::post, OpKind::join}) {
    trial.report->kinds[static_cast<std::size_t>(kind)].lateness.record(150, 1'000);
  }
  CHECK(trial.result().status == Status::generator);
  trial.context.lateness_limit_ns = 148;  // twice this is below what this row shows
  CHECK(trial.result().status == Status::generator);
  trial.context.lateness_limit_ns = 150;
  CHECK(trial.result().status == Status::saturated);
  trial.report->interrupted = true;
  CHECK(trial.result().status == Status::interrupted);
  CHECK(trial.result().status_reason == "ended by a signal; what was measured until then stands here");
  trial.context.failure = "killed by signal 11";
  CHECK(trial.result().status == Status::failed);
  CHECK(trial.result().status_reason == "killed by signal 11");
}

TEST_CASE("too few operations are too short, whatever else", "[harness][results]") {
  Case trial;
  for (KindReport& kind : trial.report->kinds) kind = KindReport{};
  CHECK(trial.result().status == Status::too_short);
  trial.fill(OpKind::post, 11, 100);
  CHECK(trial.result().status == Status::too_short);
  trial.fill(OpKind::post, 1, 100);
  CHECK(trial.result().status == Status::ok);
}

TEST_CASE("a broken law or a disagreement is not verified, and says which", "[harness][results]") {
  Case trial;
  trial.context.disagreement = "differs from the reference server";
  CHECK(trial.result().verified == false);
  CHECK(trial.result().status_reason == "differs from the reference server");
  trial.break_law("2 deliveries arrived twice");
  CHECK(trial.result().verified == false);
  CHECK(trial.result().status == Status::ok);
  CHECK(trial.result().status_reason == "law broken: 2 deliveries arrived twice");
  trial.report->interrupted = true;
  CHECK(trial.result().verified == false);
}

TEST_CASE("what was not checked, or not to its end, is not called verified", "[harness][results]") {
  Case unchecked;
  unchecked.row.checks = Checks::off;
  CHECK_FALSE(unchecked.result().verified.has_value());
  CHECK_FALSE(unchecked.result().ops[0].expected.has_value());
  Case failed;
  failed.context.failure = "did not end within 1 s";
  CHECK_FALSE(failed.result().verified.has_value());
}

TEST_CASE("deliveries stand on the rows of all operations and of posts", "[harness][results]") {
  Case trial;
  LawCounts& laws = trial.report->laws;
  laws.expected = 800;
  laws.delivered = 600;
  laws.dropped = 7;
  laws.discarded = 8;
  laws.duplicates = 9;
  laws.inversions = 10;
  trial.report->delivery_last.record(77, 100);
  const auto result = trial.result();
  for (const char* name : {"all", "post"}) {
    CHECK(op(result, name).expected == 800);
    CHECK(op(result, name).delivered == 600);
    CHECK(op(result, name).dropped == 7);
    CHECK(op(result, name).discarded == 8);
    CHECK(op(result, name).reach == 0.75);
    CHECK(op(result, name).duplicates == 9);
    CHECK(op(result, name).inversions == 10);
    CHECK(op(result, name).delivery_last.max() == 77);
  }
  CHECK_FALSE(op(result, "join").expected.has_value());
  laws.expected = laws.delivered = 0;
  CHECK(trial.result().ops[0].reach == 1.0);
  trial.report->counting_only = true;
  CHECK_FALSE(trial.result().ops[0].expected.has_value());
}

TEST_CASE("Jain's index of drivers needs two of them, and either index a clock", "[harness][results]") {
  Case trial;
  trial.report->jain_clients = 0.9;
  trial.report->jain_threads = 0.8;
  CHECK(trial.result().ops[0].jain_clients == 0.9);
  CHECK_FALSE(trial.result().ops[0].jain_threads.has_value());
  trial.row.threads = 2;
  CHECK(trial.result().ops[0].jain_threads == 0.8);
  trial.row.latency = false;
  CHECK_FALSE(trial.result().ops[0].jain_clients.has_value());
  CHECK(trial.result().intervals.empty());
}

void fill_slices(std::array<IntervalReport, kIntervals>& slices, std::size_t used) {
  for (std::size_t i = 0; i < used; ++i) {
    slices[i].completed = 10 + i;
    slices[i].offered = 20 + i;
    slices[i].response.record(100 + i, 10 + i);
  }
}

TEST_CASE("the intervals of a phase cover it and sum to its counts", "[harness][results]") {
  constexpr std::size_t kUsed = kIntervals;
  // Whole slices, a part of one, a phase longer than the series, one shorter than a slice.
  for (const double measured_s : {8.0, 7.5, 64.0, 100.25, 0.5}) {
    Case trial;
    trial.open_loop(1'500, 0);
    trial.report->measured_s = measured_s;
    fill_slices(trial.report->measure, kUsed);
    const auto result = trial.result();
    std::uint64_t completed = 0;
    std::uint64_t offered = 0;
    std::uint64_t end_ns = 0;
    for (const reports::Interval& slice : result.intervals) {
      CHECK(slice.op == "all");
      CHECK(slice.phase == "measure");
      CHECK(slice.start_ns == end_ns);
      end_ns = slice.start_ns + slice.length_ns;
      completed += slice.completed;
      offered += slice.offered.value();
    }
    INFO(measured_s);
    CHECK(end_ns == static_cast<std::uint64_t>(measured_s * 1e9));
    CHECK(completed == sum_of(trial.report->measure, &IntervalReport::completed));
    CHECK(offered == sum_of(trial.report->measure, &IntervalReport::offered));
  }
}

TEST_CASE("warm-up intervals come first and are named so", "[harness][results]") {
  Case trial;
  trial.row.warmup_ns = trial.report->warmup_ns = 3 * kSecond;
  fill_slices(trial.report->warmup, 3);
  fill_slices(trial.report->measure, 2);
  const auto result = trial.result();
  REQUIRE(result.intervals.size() == 5);
  CHECK(result.intervals[2].phase == "warmup");
  CHECK(result.intervals[3].phase == "measure");
  CHECK(result.intervals[3].start_ns == 0);
  CHECK(result.intervals[3].completed == 10);
  CHECK(result.intervals[3].response_max_ns == 100);
  CHECK_FALSE(result.intervals[3].response_p50_ns.has_value());  // from 10 samples
  CHECK_FALSE(result.intervals[3].offered.has_value());          // closed loop
}

TEST_CASE("a post that is stored is nobody's operation: it has a row, and is in no sum",
          "[harness][results]") {
  Case trial;
  const auto before = trial.result();
  trial.fill(OpKind::persist, 700, 2'000'000);
  const auto after = trial.result();
  CHECK(op(after, "persist").count == 700);
  CHECK(op(after, "persist").service.max() == 2'000'000);
  CHECK(op(after, "all").count == op(before, "all").count);
  CHECK_FALSE(op(after, "persist").offered_ops_s);
}

TEST_CASE("dispatch and store are what the server did, or the floor's configuration", "[harness][results]") {
  Case trial;
  trial.row.dispatch = pool::Dispatch::pooled;
  trial.row.store = StoreKind::sqlite;
  trial.row.workers = 2;
  CHECK(trial.result().identity.dispatch == "inline");
  CHECK(trial.result().identity.store == "memory");
  trial.strategy.composed = true;
  CHECK(trial.result().identity.dispatch == "pooled");
  CHECK(trial.result().identity.store == "sqlite");
  CHECK(trial.result().identity.workers == 2);
  trial.strategy.composed = false;
  trial.strategy.floor = true;
  CHECK(trial.result().identity.dispatch == "pooled");
}

TEST_CASE("a row says what was run", "[harness][results]") {
  Case trial;
  trial.row.row = 9;
  trial.row.block = trial.row.repetition = 4;
  trial.row.seed = 77;
  trial.row.threads = 3;
  trial.context.oversubscribed = true;
  trial.strategy.lock_bytes = 40;
  auto result = trial.result();
  CHECK(result.identity.run_id == "run-1");
  CHECK(result.identity.trial == 9);
  CHECK(result.identity.block == 4);
  CHECK(result.identity.scenario == "team");
  CHECK(result.identity.trace_hash == 0xABC);
  CHECK(result.identity.seed == 77);
  CHECK(result.identity.clients == 70);
  CHECK(result.identity.threads == 3);
  CHECK(result.identity.workers == 0);
  CHECK(result.identity.path == "direct");
  CHECK(result.identity.pool.empty());
  CHECK(result.identity.queue_policy.empty());
  CHECK(result.identity.oversubscribed);
  CHECK(result.identity.load_model == "closed");
  CHECK(result.lock_bytes == 40);
  trial.row.path = Path::pooled;
  trial.row.workers = 2;
  trial.row.queue_policy = pool::QueuePolicy::reject;
  result = trial.result();
  CHECK(result.identity.path == "pooled");
  CHECK(result.identity.pool == "crosstalk");
  CHECK(result.identity.queue_policy == "reject");
  trial.context.bounded_queue = false;
  CHECK(trial.result().identity.queue_policy.empty());
  CHECK(result.identity.workers == 2);
}

}  // namespace
}  // namespace crosstalk::harness
