// Trials whose server hands posts out by threads of its own, keeps them in a store, and is disturbed on purpose.
#include "harness/trial_services.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <mutex>

#include "harness/scratch_folder.h"
#include "harness/trial_test_help.h"
#include "pool/chat/coarse_server.h"
#include "pool/chat/null_server.h"
#include "pool/chat/sharded_server.h"
#include "pool/resources/message_store.h"

namespace crosstalk::harness {
namespace {

using Kind = workloads::OpKind;
using Coarse = pool::CoarseServer<std::mutex, LiveProbe>;
using Sharded = pool::ShardedServer<std::mutex, LiveProbe>;

ScratchFolder services_folder() {
  return ScratchFolder(std::filesystem::temp_directory_path());
}

workloads::Trace faulty_trace(double thrown, double busy) {
  workloads::Scenario scenario = mixed_scenario();
  scenario.fault_throw = thrown;
  scenario.fault_busy = busy;
  return make_trace(scenario, 11, 40, {});
}

std::uint64_t marked(const workloads::Trace& trace, workloads::Fault fault) {
  return static_cast<std::uint64_t>(
      std::count_if(trace.ops.begin(), trace.ops.end(), [&](const auto& op) { return op.fault == fault; }));
}

TEST_CASE("the laws hold whoever hands posts out", "[harness][trial_services]") {
  for (const pool::Dispatch dispatch : {pool::Dispatch::pooled, pool::Dispatch::thread}) {
    for (const unsigned drivers : {1U, 2U}) {
      for (const bool pooled : {false, true}) {
        INFO("dispatch " << static_cast<int>(dispatch) << ", drivers " << drivers << ", pooled " << pooled);
        TestTrial trial(mixed_trace(5), drivers);
        trial.dispatched(dispatch);
        if (pooled) trial.pooled(2);
        const auto report = trial.run(pooled ? &run_trial<Sharded> : &run_trial<Coarse>);
        CHECK(broken(*report) == "");
        CHECK(report->laws.accepted_posts > 300);
        CHECK(report->laws.expected == report->laws.delivered);
        CHECK(report->delivery_last.count() > 0);
        CHECK(report->delivery_last.count() == report->delivery_first.count());
      }
    }
  }
}

TEST_CASE("every post is stored, and each acknowledgement is measured", "[harness][trial_services]") {
  for (const pool::Dispatch dispatch : {pool::Dispatch::inlined, pool::Dispatch::pooled}) {
    for (const bool pooled : {false, true}) {
      INFO("dispatch " << static_cast<int>(dispatch) << ", pooled " << pooled);
      const ScratchFolder folder = services_folder();
      TestTrial trial(mixed_trace(6), 2);
      trial.dispatched(dispatch).stored_in(folder.path());
      if (pooled) trial.pooled(2);
      const auto report = trial.run(pooled ? &run_trial<Sharded> : &run_trial<Coarse>);
      CHECK(broken(*report) == "");
      CHECK(report->laws.accepted_posts > 300);
      CHECK(report->laws.stored == report->laws.accepted_posts);
      CHECK(of_kind(*report, Kind::persist).count > 0);
      CHECK(of_kind(*report, Kind::persist).service.count() == of_kind(*report, Kind::persist).count);
      CHECK(of_kind(*report, Kind::history).errors == 0);
      CHECK(of_kind(*report, Kind::upload).count > 0);
      CHECK(of_kind(*report, Kind::upload).errors == 0);
    }
  }
}

TEST_CASE("a store stays whole while another program locks it", "[harness][trial_services]") {
  const workloads::Trace trace = faulty_trace(0, 0.05);
  REQUIRE(marked(trace, workloads::Fault::busy) > 20);
  const ScratchFolder folder = services_folder();
  TestTrial trial(trace, 2);
  trial.stored_in(folder.path());
  CHECK(broken(*trial.run(&run_trial<Sharded>)) == "");
}

TEST_CASE("what handlers throw on purpose is counted, and hurts nobody else", "[harness][trial_services]") {
  const workloads::Trace trace = faulty_trace(0.1, 0);
  const std::uint64_t faults = marked(trace, workloads::Fault::thrown);
  REQUIRE(faults > 50);
  for (const bool pooled : {false, true}) {
    INFO("pooled " << pooled);
    TestTrial trial(trace, 1);  // which runs every operation of the trace
    if (pooled) trial.pooled(2);
    const auto report = trial.run(&run_trial<Sharded>);
    CHECK(broken(*report) == "");
    CHECK(report->laws.thrown == faults);
    CHECK(sum_of(*report, &KindReport::errors) >= faults);
    if (pooled) CHECK(report->laws.pool_failed == faults);
  }
}

TEST_CASE("a server that takes no services is measured without", "[harness][trial_services]") {
  const ScratchFolder folder = services_folder();
  TestTrial trial(mixed_trace(7), 1);
  trial.dispatched(pool::Dispatch::pooled).stored_in(folder.path());
  const auto report = trial.run(&run_trial<pool::NullServer>);
  CHECK(broken(*report) == "");
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a folder that cannot hold a store ends the trial with its name", "[harness][trial_services]") {
  TestTrial trial(mixed_trace(8), 1);
  trial.stored_in("/dev/null/nowhere");
  TrialReport report;
  CHECK_THROWS_WITH(run_trial<Coarse>(trial.input, report), Catch::Contains("/dev/null/nowhere"));
}

TEST_CASE("requests that a full queue refuses or drops are accounted for", "[harness][trial_services]") {
  for (const pool::QueuePolicy policy :
       {pool::QueuePolicy::reject, pool::QueuePolicy::drop_oldest, pool::QueuePolicy::block_timeout}) {
    INFO("policy " << static_cast<int>(policy));
    TestTrial trial(mixed_trace(9), 2);
    trial.pooled(2, policy, 2);
    trial.input.options.inflight = 64;
    const auto report = trial.run(&run_trial<Sharded>);
    CHECK(broken(*report) == "");
    CHECK(report->laws.pool_submitted > 0);
  }
}

}  // namespace
}  // namespace crosstalk::harness
