#include <catch2/catch.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <utility>

#include "harness/session.h"
#include "harness/trial_test_help.h"
#include "workloads/input_error.h"

namespace crosstalk::harness {
namespace {

using reports::Status;

constexpr std::uint64_t kTrialSecondNs = 1'000'000'000;

// The built-in strategies and two that come to grief.
Catalog catalog_with_trouble() {
  Catalog catalog = builtin_catalog();
  Strategy crashing;
  crashing.name = "odd/crashing";
  crashing.trial = [](const TrialInput&, TrialReport& report) {
    report.phase = Phase::measure;
    std::signal(SIGSEGV, SIG_DFL);  // not the sanitizers' business
    std::raise(SIGSEGV);
  };
  catalog.add(std::move(crashing));
  Strategy hanging;
  hanging.name = "odd/hanging";
  hanging.trial = [](const TrialInput&, TrialReport&) {
    for (;;) pause();
  };
  catalog.add(std::move(hanging));
  return catalog;
}

// A session with a scenario and a trace to run.
class Workshop {
 public:
  Workshop()
      : folder_(std::filesystem::temp_directory_path() / ("crosstalk-session-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "small.ini")
        << "name = small\nrooms = 4\nsilent_share = 0.5\nlap_operations = 1000\n";
    std::ofstream(folder_ / "talk.csv")
        << "time_ms,user,room,event,bytes\n0,1,7,message,5\n1,2,7,message,6\n2,3,7,join,\n"
           "3,3,7,message,7\n4,1,7,leave,\n5,2,7,message,8\n";
  }
  ~Workshop() { std::filesystem::remove_all(folder_); }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  [[nodiscard]] PlanRow row(const std::string& strategy) const {
    PlanRow row;
    row.strategy = strategy;
    row.floor = strategy == "null/null";
    row.scenario = (folder_ / "small.ini").string();
    row.clients = 20;
    row.operations = 1'000;
    row.timeout_ns = 600 * kTrialSecondNs;
    row.seed = 3;
    row.pin = Pin::none;
    return row;
  }
  [[nodiscard]] PlanRow replay(const std::string& strategy) const {
    PlanRow replay = row(strategy);
    replay.trace = (folder_ / "talk.csv").string();
    replay.scenario.clear();
    replay.clients = 0;
    replay.operations = 0;
    replay.load = LoadModel::trace;
    replay.time_scale = 1;
    return replay;
  }

  Catalog catalog = catalog_with_trouble();
  Interrupt interrupt;
  Session session{catalog, "run-7", interrupt};

 private:
  std::filesystem::path folder_;
};

TEST_CASE("a row becomes a result, checked by the laws and the reference", "[harness][session]") {
  Workshop shop;
  PlanRow row = shop.row("coarse/std_mutex");
  row.row = 5;
  row.block = row.repetition = 2;
  const auto result = shop.session.run(row);
  CHECK(result.status == Status::ok);
  CHECK(result.status_reason == "");
  CHECK(result.verified == true);
  CHECK(result.identity.run_id == "run-7");
  CHECK(result.identity.trial == 5);
  CHECK(result.identity.strategy == "coarse/std_mutex");
  CHECK(result.identity.scenario == row.scenario);
  CHECK(result.identity.clients == 20);
  CHECK(result.ops.front().count == 1'000);
  CHECK(result.lock_bytes == sizeof(std::mutex));
  CHECK(result.allocator != "");
  std::uint64_t completed = 0;
  for (const reports::Interval& slice : result.intervals) completed += slice.completed;
  CHECK(completed == 1'000);
}

TEST_CASE("a replay runs to its end on either path", "[harness][session]") {
  Workshop shop;
  PlanRow row = shop.replay("sharded/std_mutex");
  auto result = shop.session.run(row);
  CHECK(result.verified == true);
  CHECK(result.identity.scenario == "talk.csv");
  CHECK(result.identity.clients == 3);
  CHECK(result.ops.front().count == 6);
  CHECK(result.status == Status::too_short);  // six operations have no median
  row.path = Path::pooled;
  row.workers = 1;
  result = shop.session.run(row);
  CHECK(result.verified == true);
  CHECK(result.ops.front().count == 6);
  CHECK(result.identity.workers == 1);
}

TEST_CASE("a strategy that is not there cannot be run", "[harness][session]") {
  Workshop shop;
  CHECK_THROWS_AS(shop.session.run(shop.row("coarse/no_such_lock")), workloads::InputError);
  CHECK_THROWS_WITH(shop.session.run(shop.row("coarse/no_such_lock")),
                    "unknown strategy 'coarse/no_such_lock'");
}

TEST_CASE("a strategy for one thread is refused more", "[harness][session]") {
  Workshop shop;
  PlanRow row = shop.row("reference/none");
  CHECK(shop.session.run(row).verified == true);
  row.threads = 2;
  CHECK_THROWS_WITH(shop.session.run(row),
                    "strategy 'reference/none' is for one thread; got 2 drivers and 0 workers");
  row.threads = 1;
  row.path = Path::pooled;
  row.workers = 2;
  row.inflight = 8;
  CHECK_THROWS_WITH(shop.session.run(row),
                    "strategy 'reference/none' is for one thread; got 1 drivers and 2 workers");
  row.workers = 1;
  CHECK(shop.session.run(row).verified == true);
  row.queue_policy = pool::QueuePolicy::caller_runs;
  CHECK_THROWS_WITH(shop.session.run(row),
                    "strategy 'reference/none' is for one thread; got 1 drivers and 1 workers, and "
                    "drivers run what the queue has no room for");
}

TEST_CASE("a row has a floor share once the null row of its configuration has run", "[harness][session]") {
  Workshop shop;
  const PlanRow row = shop.row("coarse/std_mutex");
  CHECK_FALSE(shop.session.run(row).floor_share.has_value());
  const auto floor = shop.session.run(shop.row("null/null"));
  CHECK(floor.identity.role == "floor");
  CHECK(floor.verified == true);
  CHECK_FALSE(floor.floor_share.has_value());
  const auto result = shop.session.run(row);
  REQUIRE(result.floor_share.has_value());
  CHECK(*result.floor_share == Approx(floor.ops.front().service.mean() / result.ops.front().service.mean()));
  PlanRow other = row;
  other.threads = 2;
  CHECK_FALSE(shop.session.run(other).floor_share.has_value());
}

TEST_CASE("a strategy that crashes or hangs costs its own row", "[harness][session]") {
  Workshop shop;
  const auto crashed = shop.session.run(shop.row("odd/crashing"));
  CHECK(crashed.status == Status::failed);
  CHECK(crashed.status_reason == "killed by signal 11 (Segmentation fault) while measuring");
  CHECK_FALSE(crashed.verified.has_value());
  PlanRow hanging = shop.row("odd/hanging");
  hanging.timeout_ns = kTrialSecondNs;
  const auto hung = shop.session.run(hanging);
  CHECK(hung.status == Status::failed);
  CHECK(hung.status_reason == "did not end within 1 s, killed during prefill");
  CHECK(shop.session.run(shop.row("coarse/std_mutex")).verified == true);
}

TEST_CASE("without checks or latency a row says so by what it lacks", "[harness][session]") {
  Workshop shop;
  PlanRow row = shop.row("coarse/std_mutex");
  row.checks = Checks::off;
  row.latency = false;
  const auto result = shop.session.run(row);
  CHECK_FALSE(result.verified.has_value());
  CHECK(result.ops.front().count == 1'000);
  CHECK(result.ops.front().service.empty());
  CHECK(result.intervals.empty());
  CHECK(result.status == Status::ok);
}

TEST_CASE("a scenario that is not there is known before its trial", "[harness][session]") {
  Workshop shop;
  PlanRow row = shop.row("coarse/std_mutex");
  row.scenario = "no-such-scenario";
  CHECK_THROWS_AS(shop.session.prepare(row), workloads::InputError);
  CHECK_NOTHROW(shop.session.prepare(shop.row("coarse/std_mutex")));
}

TEST_CASE("a signal marks the row that it ends", "[harness][session]") {
  Workshop shop;
  CHECK_FALSE(shop.session.interrupted());
  std::raise(SIGTERM);
  CHECK(shop.session.interrupted());
  PlanRow row = shop.row("coarse/std_mutex");
  row.operations = 0;
  row.duration_ns = 3'600 * kTrialSecondNs;
  const auto result = shop.session.run(row);
  CHECK(result.status == Status::interrupted);
  CHECK(result.verified == true);
}

TEST_CASE("trials of a second or more say what their checks cost", "[harness][session]") {
  const Workshop workshop;
  Catalog catalog = builtin_catalog();
  Strategy dear;
  dear.name = "odd/dear";
  dear.trial = [](const TrialInput& input, TrialReport& report) {
    if (input.options.check_cost) report.check_cost = {.pairs = 10, .share = 0.03, .loop_share = 0.2};
  };
  catalog.add(std::move(dear));
  const Interrupt interrupt;
  Session session(catalog, "r", interrupt);
  const auto cost = [&](std::uint64_t duration_ns, Checks checks) {
    PlanRow row = workshop.row("odd/dear");
    row.operations = 0;
    row.duration_ns = duration_ns;
    row.checks = checks;
    const reports::RunResult result = session.run(row);
    CHECK(result.check_loop_pct.has_value() == result.check_cost_pct.has_value());
    CHECK(result.check_loop_pct.value_or(20) == Approx(20));
    return result.check_cost_pct;
  };
  CHECK_FALSE(cost(kTrialSecondNs - 1, Checks::live).has_value());
  CHECK_FALSE(cost(kTrialSecondNs, Checks::off).has_value());
  CHECK(cost(kTrialSecondNs, Checks::live).value() == Approx(3));
  CHECK(cost(kTrialSecondNs, Checks::live).value() == Approx(3));
}

TEST_CASE("what operations do is counted where it is asked for, once for equal trials",
          "[harness][session]") {
  Workshop shop;
  PlanRow row = shop.row("coarse/std_mutex");
  CHECK_FALSE(shop.session.run(row).ops.front().counts);
  row.count = true;
  const reports::RunResult result = shop.session.run(row);
  REQUIRE(result.ops.front().counts);
  CHECK(result.ops.front().counts->operations == 10'000);
  CHECK(result.ops.front().counts->locks > 0);
  CHECK_FALSE(result.contended_locks_pct);  // one driver
  for (const reports::OpResult& op : result.ops) {
    if (op.op == "post") CHECK(op.counts.value().locks == 1);
    if (op.op == "receive") CHECK(op.counts.value().locks == 0);
  }
  CHECK(shop.session.run(row).ops.front().counts->locks == result.ops.front().counts->locks);
}

TEST_CASE("with several drivers it is also counted how often a lock is taken", "[harness][session]") {
  Workshop shop;
  PlanRow row = shop.row("coarse/std_mutex");
  row.threads = 2;
  row.count = true;
  const auto contended = shop.session.run(row).contended_locks_pct;
  REQUIRE(contended);
  CHECK(*contended >= 0);
  CHECK(*contended <= 100);
  PlanRow replay = shop.replay("coarse/std_mutex");
  replay.threads = 2;
  replay.count = true;
  CHECK_FALSE(shop.session.run(replay).contended_locks_pct);  // it would take as long as the replay
}

TEST_CASE("a strategy that cannot be counted has no counts", "[harness][session]") {
  const Workshop workshop;
  Catalog catalog = builtin_catalog();
  Strategy odd;
  odd.name = "odd/crash";
  odd.trial = [](const TrialInput& input, TrialReport&) {
    if (input.options.count) std::_Exit(1);
  };
  catalog.add(std::move(odd));
  const Interrupt interrupt;
  Session session(catalog, "r", interrupt);
  PlanRow row = workshop.row("odd/crash");
  row.count = true;
  CHECK_FALSE(session.run(row).ops.front().counts);
}

}  // namespace
}  // namespace crosstalk::harness
