#include "harness/calibrator.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/command_line_test_support.h"
#include "workloads/op.h"

namespace crosstalk::harness {
namespace {

// A strategy whose trials report what they are told, without a server: 2000 operations in half a second, 150 ns each.
void settled_trial(const TrialInput&, TrialReport& report) {
  auto& posts = report.kinds[static_cast<std::size_t>(workloads::OpKind::post)];
  posts.count = 2'000;
  posts.service.record(150, 2'000);
  report.measured_s = 0.5;
  report.phase = Phase::done;
}

void crashing_trial(const TrialInput&, TrialReport&) {
  throw std::runtime_error("no good");
}

Catalog catalog_of(TrialFn floor, TrialFn equal) {
  Catalog catalog;
  Strategy null = fake_strategy("null/null");
  null.floor = true;
  null.trial = floor;
  catalog.add(null);
  Strategy mutex = fake_strategy("sharded/std_mutex");
  mutex.trial = equal;
  catalog.add(mutex);
  return catalog;
}

class Bench {
 public:
  Bench() {
    effort.clock_slices = 3;
    effort.clock_readings = 1'000;
    effort.sleeps = 3;
    effort.gap_span_ns = 2'000'000;
    effort.pacing_ns = 2'000'000;
    effort.lock_slices = 3;
    effort.lock_slice_ns = 10'000;
    effort.trial_ns = 50'000'000;
    effort.floor_trials = 2;
    effort.pairs = 6;
    effort.scenarios = {
        folder.put("small.ini", "name = small\nrooms = 4\nlap_operations = 1000\nclients = 20\n")};
  }

  TestFolder folder;
  CalibrationEffort effort;
  Interrupt interrupt;
};

TEST_CASE("a calibration measures everything it names", "[harness][calibrator]") {
  Bench bench;
  std::vector<std::string> steps;
  std::uint64_t total = 0;
  const auto result = calibrate(catalog_of(settled_trial, settled_trial), bench.effort, bench.interrupt,
                                [&](const ProgressState& s) {
                                  CHECK(s.done == steps.size());
                                  CHECK(s.share >= 0);
                                  steps.emplace_back(s.what);
                                  total = s.total;
                                });
  REQUIRE(result);
  CHECK(total == steps.size());
  CHECK(result->machine == this_fingerprint());
  CHECK(result->time.size() == std::string("2024-05-01T12:00:00Z").size());
  CHECK((result->clock == "tsc" || result->clock == "steady"));
  CHECK(result->clock_cost_ns > 0);
  CHECK(result->timer_overshoot_p99_ns >= result->timer_overshoot_p50_ns);
  CHECK(result->gap_span_ns >= bench.effort.gap_span_ns);
  CHECK(result->gap_max_ns >= result->gap_p99_ns);
  REQUIRE(result->pacing.size() == 2);
  CHECK(result->pacing.front().rate_ops_s == 100'000);
  CHECK(result->pacing.back().rate_ops_s == 1'000'000);
  CHECK(result->locks.size() >= 6);
  CHECK(parse_calibration(calibration_text(*result)) == result);
}

TEST_CASE("floors and noise are what the trials reported", "[harness][calibrator]") {
  Bench bench;
  const auto result =
      calibrate(catalog_of(settled_trial, settled_trial), bench.effort, bench.interrupt, nullptr);
  REQUIRE(result);
  REQUIRE(result->floors.size() == 2);
  CHECK(result->floors[0] == Calibration::Floor{"direct", 150, 4'000});
  CHECK(result->floors[1] == Calibration::Floor{"pooled", 150, 4'000});
  REQUIRE(result->noise.size() == 1);
  const Calibration::Noise& noise = result->noise.front();
  CHECK(noise.scenario == bench.effort.scenarios.front());
  CHECK(noise.strategy == "sharded/std_mutex");
  CHECK(noise.pairs == 6);
  CHECK(noise.trial_ns == 50'000'000);
  CHECK(noise.low_pct == 0.0);
  CHECK(noise.high_pct == 0.0);
  CHECK(noise.pair_sd_pct == 0);
}

TEST_CASE("trials that fail leave their numbers out", "[harness][calibrator]") {
  Bench bench;
  const auto result =
      calibrate(catalog_of(crashing_trial, crashing_trial), bench.effort, bench.interrupt, nullptr);
  REQUIRE(result);
  CHECK(result->floors.empty());
  REQUIRE(result->noise.size() == 1);
  CHECK(result->noise.front().pairs == 0);
  CHECK_FALSE(result->noise.front().low_pct);
}

TEST_CASE("a calibration without scenarios runs no trials", "[harness][calibrator]") {
  Bench bench;
  bench.effort.scenarios.clear();
  const auto result =
      calibrate(catalog_of(crashing_trial, crashing_trial), bench.effort, bench.interrupt, nullptr);
  REQUIRE(result);
  CHECK(result->floors.empty());
  CHECK(result->noise.empty());
}

TEST_CASE("a scenario or strategy that is not there is known at once", "[harness][calibrator]") {
  Bench bench;
  const auto no_step = [](const ProgressState& state) { FAIL("measured " << state.what); };
  const Catalog catalog = catalog_of(settled_trial, settled_trial);
  CalibrationEffort effort = bench.effort;
  effort.scenarios.emplace_back("no_such_scenario");
  CHECK_THROWS_AS(calibrate(catalog, effort, bench.interrupt, no_step), UsageError);
  effort = bench.effort;
  effort.strategy = "sharded/no_such_lock";
  CHECK_THROWS_AS(calibrate(catalog, effort, bench.interrupt, no_step), UsageError);
}

TEST_CASE("a signal ends a calibration without a result", "[harness][calibrator]") {
  Bench bench;
  int steps = 0;
  const auto result = calibrate(catalog_of(settled_trial, settled_trial), bench.effort, bench.interrupt,
                                [&](const ProgressState&) {
                                  if (++steps == 3) raise(SIGINT);
                                });
  CHECK_FALSE(result);
  CHECK(steps == 3);
  CHECK(bench.interrupt.signal() == SIGINT);
}

TEST_CASE("the noise of equals is an interval about their ratio", "[harness][calibrator]") {
  // Ratios of e^-0.02 ... e^0.03 in seven pairs.
  std::vector<EqualPair> pairs;
  for (const double x : {-0.02, -0.01, 0.0, 0.01, 0.02, 0.03, 0.01})
    pairs.push_back({1e6 * std::exp(x), 1e6});
  pairs.push_back({0, 1e6});  // a trial that failed
  const Calibration::Noise noise = noise_of(pairs);
  CHECK(noise.pairs == 7);
  REQUIRE(noise.low_pct);
  CHECK(*noise.low_pct < 0);
  CHECK(*noise.low_pct >= 100 * std::expm1(-0.02) - 1e-9);
  CHECK(*noise.high_pct > 0.5);
  CHECK(*noise.high_pct <= 100 * std::expm1(0.03) + 1e-9);
  // The median of |x| is 0.01.
  CHECK(noise.pair_sd_pct == Approx(100 * std::expm1(0.01 / 0.67448975)));
}

TEST_CASE("few pairs have no interval", "[harness][calibrator]") {
  const Calibration::Noise noise = noise_of({{1, 1}, {2, 1}, {1, 2}});
  CHECK(noise.pairs == 3);
  CHECK_FALSE(noise.low_pct);
  CHECK_FALSE(noise.high_pct);
  CHECK(noise_of({}).pairs == 0);
}

}  // namespace
}  // namespace crosstalk::harness
