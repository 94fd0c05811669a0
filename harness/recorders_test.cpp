#include <catch2/catch.hpp>

#include <cstdint>
#include <vector>

#include "harness/recorders.h"
#include "harness/trial_test_help.h"

namespace crosstalk::harness {
namespace {

TEST_CASE("a recorder a thread: drivers alone, or workers and drivers", "[harness][recorders]") {
  TestTrial trial(crowd_trace(8, 20, 0), 3);
  std::vector<ClientTally> tallies(8);
  CHECK(make_recorders(trial.input, tallies, true).size() == 3);
  trial.pooled(5);
  CHECK(make_recorders(trial.input, tallies, true).size() == 8);
}

TEST_CASE("many threads get fewer slices, and those are longer", "[harness][recorders]") {
  std::vector<ClientTally> tallies(600);
  const auto lengths = [&](unsigned drivers) {
    TestTrial trial(crowd_trace(600, 20, 0), drivers);
    trial.input.options.warmup_ns = 1'000'000'000;
    trial.input.options.interval_ns = 10'000'000;
    TrialReport report;
    const Recorders recorders = make_recorders(trial.input, tallies, true);
    const Window window = make_window(trial.input.options, trial.input.clock);
    start_recorders(recorders, trial.input, window, report);
    const std::uint64_t slices = recorders.front()->slices();
    CHECK(slices >= 1);
    CHECK(slices * report.interval_ns >= kIntervals * trial.input.options.interval_ns);
    CHECK(slices * report.warmup_interval_ns >= trial.input.options.warmup_ns);
    return report.interval_ns;
  };
  CHECK(lengths(1) == 10'000'000);
  CHECK(lengths(600) > 10'000'000);
}

TEST_CASE("the measured phase begins after the warm-up and ends only with a duration",
          "[harness][recorders]") {
  const Clock clock = Clock::calibrated();
  TrialOptions options;
  options.warmup_ns = 2'000'000;
  options.duration_ns = 0;
  const std::uint64_t before = clock.now();
  const Window endless = make_window(options, clock);
  CHECK(endless.start > before);
  CHECK(clock.to_ns(endless.measure - endless.start) == Approx(2e6).epsilon(0.001));
  CHECK(endless.end == Window::kNever);
  options.duration_ns = 5'000'000;
  const Window window = make_window(options, clock);
  CHECK(clock.to_ns(window.end - window.measure) == Approx(5e6).epsilon(0.001));
}

}  // namespace
}  // namespace crosstalk::harness
