// The audit passes what is measured, on every path and load, and notices a recorder that is wrong.
#include "harness/audit.h"

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "harness/trial_test_help.h"
#include "pool/chat/coarse_server.h"
#include "pool/chat/null_server.h"

namespace crosstalk::harness {
namespace {

using Server = pool::CoarseServer<std::mutex, LiveProbe>;

constexpr std::uint64_t kMillisecondNs = 1'000'000;

// A tenth of a second, after a warm-up, so that the window cuts operations at both edges.
void time_it(TestTrial& trial) {
  trial.input.options.operations = 0;
  trial.input.options.warmup_ns = 10 * kMillisecondNs;
  trial.input.options.duration_ns = 100 * kMillisecondNs;
  trial.input.clock = Clock::calibrated();
}

// The same histogram with every operation replaced by what `change` makes of its rank, the longest being 0, and its value:
// 0 drops it.
template <class Change>
reports::Histogram changed(const reports::Histogram& histogram, Change change) {
  std::vector<std::uint64_t> values;
  histogram.for_each_bucket([&](std::uint64_t low, std::uint64_t high, std::uint64_t count) {
    values.insert(values.end(), count, (low + high) / 2);
  });
  reports::Histogram result;
  for (std::size_t rank = 0; rank < values.size(); ++rank) {
    const std::uint64_t value = change(rank, values[values.size() - 1 - rank]);
    if (value > 0) result.record(value);
  }
  return result;
}

// One operation in ten, the longest of each ten: a tenth of the time at least, also where a few that were stalled
// outweigh all others.
void drop_a_tenth(TrialReport& report) {
  for (const auto stage : {&KindReport::service, &KindReport::response, &KindReport::queue}) {
    for (KindReport& kind : report.kinds) {
      kind.*stage = changed(kind.*stage,
                            [](std::size_t rank, std::uint64_t value) { return rank % 10 == 0 ? 0 : value; });
    }
  }
}

// One operation in twenty, again the longest, is taken for three times as long as it was.
void mistime_a_twentieth(TrialReport& report) {
  for (const auto stage : {&KindReport::service, &KindReport::response}) {
    for (KindReport& kind : report.kinds) {
      kind.*stage = changed(kind.*stage, [](std::size_t rank, std::uint64_t value) {
        return rank % 20 == 0 ? 3 * value : value;
      });
    }
  }
}

// What the audit says of a trial whose report was tampered with. What is under way at an edge of the window stands in the
// meters only: a driver that the machine stalls there for nearly all of a trial leaves too little to tamper with, but not
// in five trials.
template <class Tamper>
std::string finding(TestTrial& trial, bool loop, Tamper tamper) {
  std::string failure;
  for (int attempt = 0; attempt < 5 && failure.empty(); ++attempt) {
    const auto report = trial.run(&run_trial<Server>);
    REQUIRE(broken(*report).empty());
    const Audit found = audit(trial.input, *report);
    INFO(found.failure);
    CHECK(found.failure.empty());
    CHECK(found.little_error.value_or(1) < 0.005);
    CHECK(found.loop_error.has_value() == loop);
    tamper(*report);
    failure = audit(trial.input, *report).failure;
  }
  return failure;
}

void check_audit(TestTrial& trial, bool loop) {
  CHECK_FALSE(finding(trial, loop, drop_a_tenth).empty());
}

TEST_CASE("what a trial records accounts for what passed, and less does not", "[harness][audit]") {
  for (const unsigned drivers : {1U, 2U}) {
    TestTrial direct(mixed_trace(5), drivers);
    time_it(direct);
    check_audit(direct, true);

    TestTrial pooled(mixed_trace(6), drivers);
    pooled.pooled(2);
    time_it(pooled);
    check_audit(pooled, true);

    // Each post causes several receives.
    TestTrial crowded(crowd_trace(600, 2'000, 12), drivers);
    crowded.pooled(2);
    time_it(crowded);
    check_audit(crowded, true);

    for (const bool in_pool : {false, true}) {
      TestTrial open(mixed_trace(7, {workloads::ArrivalLaw::poisson, 50'000}), drivers);
      if (in_pool) open.pooled(2);
      time_it(open);
      open.input.options.open_loop = true;
      check_audit(open, false);

      TestTrial thinking(mixed_trace(8), drivers);
      if (in_pool) thinking.pooled(2);
      time_it(thinking);
      thinking.input.options.think = {workloads::ThinkLaw::exponential, 1e6, 0};
      check_audit(thinking, true);
    }
  }
}

TEST_CASE("an offered rate that no server can take is accounted for too", "[harness][audit]") {
  for (const bool in_pool : {false, true}) {
    TestTrial flooded(mixed_trace(9, {workloads::ArrivalLaw::poisson, 5e8}), 2);
    if (in_pool) flooded.pooled(1, pool::QueuePolicy::reject, 16);
    time_it(flooded);
    flooded.input.options.open_loop = true;
    const auto report = flooded.run(&run_trial<Server>);
    const Audit found = audit(flooded.input, *report);
    INFO(found.failure);
    CHECK(found.failure.empty());
  }
}

// Two million operations that waited for five hours, and as many that had not been begun after ten.
TEST_CASE("waits that add up to more than 2^64 ticks are accounted for", "[harness][audit]") {
  constexpr std::uint64_t kOperations = 1U << 21;
  constexpr std::uint64_t kWaitNs = std::uint64_t{1} << 44;
  FlowMeter meter;
  meter.start({.start = 0, .measure = 0, .end = 2 * kWaitNs});
  for (std::uint64_t i = 0; i < kOperations; ++i) {
    meter.passed(0, kWaitNs, true);
    meter.passed(0, Window::kNever, false);
  }
  const auto report = std::make_unique<TrialReport>();
  report->measured_ticks = 2 * kWaitNs;
  report->flows.system = meter.sums();
  report->kinds[0].response.record(kWaitNs, kOperations);
  TrialInput input;
  input.options.open_loop = true;
  const Audit found = audit(input, *report);
  INFO(found.failure);
  CHECK(found.failure.empty());
  CHECK(found.little_error.value_or(1) < 1e-6);
  report->kinds[0].response.record(kWaitNs, kOperations / 4);
  CHECK_FALSE(audit(input, *report).failure.empty());
}

TEST_CASE("mistimed operations do not stay unnoticed", "[harness][audit]") {
  TestTrial trial(mixed_trace(10), 1);
  time_it(trial);
  CHECK(finding(trial, true, mistime_a_twentieth).find("Little's law is off by") != std::string::npos);
}

TEST_CASE("the null server's few nanoseconds are within the resolution of a record", "[harness][audit]") {
  TestTrial trial(mixed_trace(11), 2);
  time_it(trial);
  const auto report = trial.run(&run_trial<pool::NullServer>);
  const Audit found = audit(trial.input, *report);
  INFO(found.failure);
  CHECK(found.failure.empty());
}

}  // namespace
}  // namespace crosstalk::harness
