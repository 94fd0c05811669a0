#include "harness/live_sampler.h"

#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "harness/clock.h"
#include "harness/recorder.h"

namespace crosstalk::harness {
namespace {

using Kind = workloads::OpKind;

// Two closed-loop recorders on a clock of one tick a nanosecond: warm-up of 100 ns, four slices of 1,000 ns.
class LiveTrial {
 public:
  LiveTrial() {
    std::array<bool, workloads::kOpKindCount> kinds{};
    kinds[static_cast<std::size_t>(Kind::post)] = true;
    kinds[static_cast<std::size_t>(Kind::receive)] = true;
    for (int i = 0; i < 2; ++i)
      recorders.push_back(std::make_unique<Recorder>(Clock::steady(), kinds, 4, tallies));
    for (const auto& recorder : recorders)
      recorder->start({.start = 900, .measure = 1'000, .end = 5'000}, 100, 1'000);
    report->warmup_ns = 100;
    report->warmup_interval_ns = 100;
  }
  void post(std::size_t thread, std::uint64_t started, std::uint64_t ended) {
    recorders[thread]->record_service(
        {.kind = Kind::post, .client = 0, .intended = started, .started = started, .ended = ended});
  }

  std::vector<ClientTally> tallies{1};
  std::vector<std::unique_ptr<Recorder>> recorders;
  std::unique_ptr<TrialReport> report = std::make_unique<TrialReport>();
};

TEST_CASE("a slice is shown once every thread has left it", "[harness][live_sampler]") {
  LiveTrial trial;
  LiveSampler sampler(trial.recorders, 2, *trial.report);
  trial.post(0, 910, 920);
  trial.post(0, 1'100, 1'107);
  trial.post(0, 2'100, 2'101);  // the first thread is in the second slice
  sampler.look();
  CHECK(trial.report->live.count(true) == 0);
  CHECK(trial.report->live.count(false) == 0);
  trial.post(1, 1'200, 1'209);
  trial.post(1, 3'200, 3'201);  // the second one in the third
  sampler.look();
  REQUIRE(trial.report->live.count(true) == 1);
  const LiveSlice& slice = trial.report->live.slice(true, 0);
  CHECK(slice.completed == 2);
  CHECK(slice.response_max_ns == 9);
  CHECK(slice.response_p50_ns == LiveSlice::kNone);  // two values are too few
  REQUIRE(trial.report->live.count(false) == 1);
  CHECK(trial.report->live.slice(false, 0).completed == 1);
}

TEST_CASE("receives are nobody's operation in a slice", "[harness][live_sampler]") {
  LiveTrial trial;
  LiveSampler sampler(trial.recorders, 1, *trial.report);
  trial.post(0, 1'100, 1'107);
  trial.recorders[0]->record_service(
      {.kind = Kind::receive, .client = 0, .intended = 1'200, .started = 1'200, .ended = 1'300});
  trial.post(0, 2'100, 2'101);
  sampler.look();
  CHECK(trial.report->live.slice(true, 0).completed == 1);
}

TEST_CASE("a thread that has ended holds nobody up, but the end of all is not a slice",
          "[harness][live_sampler]") {
  LiveTrial trial;
  LiveSampler sampler(trial.recorders, 2, *trial.report);
  trial.recorders[1]->finish();
  trial.post(0, 2'100, 2'101);
  sampler.look();
  CHECK(trial.report->live.count(true) == 1);
  trial.recorders[0]->finish();
  sampler.look();
  CHECK(trial.report->live.count(true) == 1);
}

TEST_CASE("p99 so far is of all slices that were shown", "[harness][live_sampler]") {
  LiveTrial trial;
  LiveSampler sampler(trial.recorders, 1, *trial.report);
  for (int i = 0; i < 600; ++i) trial.post(0, 1'500, 1'510);
  trial.post(0, 2'500, 2'510);
  sampler.look();
  CHECK(trial.report->live.p99_ns() == 10);
}

TEST_CASE("a sampler whose trial never begins to measure just ends", "[harness][live_sampler]") {
  LiveTrial trial;
  const LiveSampler sampler(trial.recorders, 2, *trial.report);
  CHECK(trial.report->live.count(true) == 0);
}

}  // namespace
}  // namespace crosstalk::harness
