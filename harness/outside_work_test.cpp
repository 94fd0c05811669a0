#include "harness/outside_work.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <mutex>

#include "harness/audit.h"
#include "harness/results.h"
#include "harness/trial.h"
#include "harness/trial_test_help.h"
#include "pool/chat/coarse_server.h"

namespace crosstalk::harness {
namespace {

using Server = pool::CoarseServer<std::mutex, LiveProbe>;

constexpr std::uint64_t kMeanNs = 1'000;

// Of one driver in virtual time, where the server takes none: all time passes outside.
void work_outside(TestTrial& trial, VirtualTime& time) {
  trial.input.clock = Clock::driven_by(time);
  trial.input.options.operations = 0;
  trial.input.options.warmup_ns = 1'000'000;
  trial.input.options.duration_ns = 100'000'000;
  trial.input.options.outside_ns = kMeanNs;
}

TEST_CASE("outside work lies between 0 and twice its mean, and is that long on average",
          "[harness][outside_work]") {
  VirtualTime time;
  TrialInput input;
  input.clock = Clock::driven_by(time);
  input.options.outside_ns = kMeanNs;
  OutsideWork outside(input, 3);
  REQUIRE(outside.any());
  constexpr int kTimes = 100'000;
  const std::uint64_t begin = time.now();
  std::uint64_t longest = 0;
  for (int i = 0; i < kTimes; ++i) {
    const std::uint64_t before = time.now();
    outside.work();
    longest = std::max(longest, time.now() - before);
  }
  CHECK(longest == 2 * kMeanNs);
  CHECK(static_cast<double>(time.now() - begin) / kTimes == Approx(kMeanNs).epsilon(0.01));
}

TEST_CASE("each driver draws its own lengths, and again the same ones", "[harness][outside_work]") {
  const auto length_of = [](unsigned driver) {
    VirtualTime time;
    TrialInput input;
    input.clock = Clock::driven_by(time);
    input.options.outside_ns = 1'000'000;
    OutsideWork outside(input, driver);
    const std::uint64_t begin = time.now();
    outside.work();
    return time.now() - begin;
  };
  CHECK(length_of(0) == length_of(0));
  CHECK(length_of(0) != length_of(1));
}

TEST_CASE("without outside work there is none, and a processor does some in a nanosecond",
          "[harness][outside_work]") {
  CHECK_FALSE(OutsideWork(TrialInput(), 0).any());
  CHECK(OutsideWork::steps_per_ns(Clock::steady()) > 0);
}

TEST_CASE("outside work is no part of latency, and sets the throughput", "[harness][outside_work]") {
  VirtualTime time;
  TestTrial trial(crowd_trace(1, 1'000, 5), 1);
  work_outside(trial, time);
  const auto report = trial.run(&run_trial<Server>);
  REQUIRE(broken(*report).empty());
  CHECK(static_cast<double>(sum_of(*report, &KindReport::count)) == Approx(100'000).epsilon(0.02));
  CHECK(service_of_all(*report).max() == 0);
}

TEST_CASE("N = X (R + Z) holds with outside work, which is part of Z", "[harness][outside_work]") {
  VirtualTime time;
  TestTrial trial(crowd_trace(1, 1'000, 5), 1);
  work_outside(trial, time);
  const auto report = trial.run(&run_trial<Server>);
  const Audit found = audit(trial.input, *report);
  INFO(found.failure);
  CHECK(found.failure.empty());
  CHECK(found.loop_error.value_or(1) < 0.01);
}

TEST_CASE("without latency, outside work is done all the same", "[harness][outside_work]") {
  VirtualTime time;
  TestTrial trial(crowd_trace(1, 1'000, 5), 1);
  work_outside(trial, time);
  trial.input.options.latency = false;
  const auto report = trial.run(&run_trial<Server>);
  CHECK(static_cast<double>(sum_of(*report, &KindReport::count)) == Approx(100'000).epsilon(0.02));
}

}  // namespace
}  // namespace crosstalk::harness
