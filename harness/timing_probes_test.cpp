#include "harness/timing_probes.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <numeric>
#include <vector>

namespace crosstalk::harness {
namespace {

// A clock whose every reading takes as long as it is told, from time to time much longer. Half a nanosecond a tick.
class FakeClock {
 public:
  explicit FakeClock(std::uint64_t step) : step_(step) {}

  std::uint64_t now() const {
    time_ += step_;
    if (gap_every_ != 0 && ++readings_ % gap_every_ == 0) time_ += gap_;
    return time_;
  }
  std::uint64_t to_ns(std::uint64_t ticks) const { return ticks / 2; }

  void gap(std::uint64_t every, std::uint64_t ticks) {
    gap_every_ = every;
    gap_ = ticks;
  }
  void pass(std::uint64_t ticks) const { time_ += ticks; }
  void pass_to(std::uint64_t instant) const { time_ = std::max(time_, instant); }

 private:
  std::uint64_t step_;
  std::uint64_t gap_every_ = 0;
  std::uint64_t gap_ = 0;
  mutable std::uint64_t readings_ = 0;
  mutable std::uint64_t time_ = 1'000;
};

TEST_CASE("the cost of a clock is that of a reading, its resolution the smallest step",
          "[harness][timing_probes]") {
  const ClockProbe probe = probe_clock(FakeClock(41), 5, 1'000);
  CHECK(probe.cost_ns == Approx(20.5));
  CHECK(probe.resolution_ns == Approx(20.5));
  FakeClock disturbed(41);
  disturbed.gap(2'500, 1'000'000);  // in the cost of two slices of five
  CHECK(probe_clock(disturbed, 5, 1'000).cost_ns == Approx(20.5));
}

TEST_CASE("a clock that stands still has no resolution", "[harness][timing_probes]") {
  const ClockProbe probe = probe_clock(FakeClock(0), 3, 100);
  CHECK(probe.cost_ns == 0);
  CHECK(probe.resolution_ns == 0);
}

TEST_CASE("a timer overshoots by what it sleeps too long", "[harness][timing_probes]") {
  const FakeClock clock(10);
  const auto late = probe_timer(
      clock, [&](std::uint64_t ns) { clock.pass(2 * ns + 90); }, 100'000, 50);
  CHECK(late.count() == 50);
  CHECK(late.min() == 50);  // 90 ticks of the sleep, 10 of the reading
  CHECK(late.max() == 50);
  const auto early = probe_timer(
      clock, [&](std::uint64_t ns) { clock.pass(ns); }, 100'000, 5);
  CHECK(early.max() == 0);
}

TEST_CASE("gaps are what a spinning thread misses", "[harness][timing_probes]") {
  FakeClock clock(100);  // 50 ns a reading
  clock.gap(1'000, 100'000);
  // A thousand readings and a gap: 50 us + 50 us, of which the gap and the reading it fell into.
  const GapProbe probe = probe_gaps(clock, 10'000'000);
  CHECK(probe.gaps.count() == Approx(100).margin(1));
  CHECK(probe.gaps.min() == 50'050);
  CHECK(probe.gaps.max() == 50'050);
  CHECK(probe.lost_share == Approx(0.5).epsilon(0.02));
  CHECK(probe.span_ns >= 10'000'000);
}

TEST_CASE("a pause of ten microseconds is no gap yet", "[harness][timing_probes]") {
  const GapProbe probe = probe_gaps(FakeClock(2 * kGapNs), 1'000'000);
  CHECK(probe.gaps.empty());
  CHECK(probe.lost_share == 0);
  CHECK(probe_gaps(FakeClock(2 * kGapNs + 2), 1'000'000).lost_share == Approx(1));
}

TEST_CASE("the gaps of a Poisson process have mean and deviation 1", "[harness][timing_probes]") {
  const std::vector<double> gaps = poisson_gaps(100'000, 7);
  const double mean = std::accumulate(gaps.begin(), gaps.end(), 0.0) / 1e5;
  double squares = 0;
  for (const double gap : gaps) squares += (gap - mean) * (gap - mean);
  CHECK(mean == Approx(1).margin(0.02));
  CHECK(std::sqrt(squares / 1e5) == Approx(1).margin(0.03));
  CHECK(*std::min_element(gaps.begin(), gaps.end()) >= 0);
  CHECK(poisson_gaps(3, 7) == std::vector<double>(gaps.begin(), gaps.begin() + 3));
}

TEST_CASE("a pacer is late by what it returns after the instant", "[harness][timing_probes]") {
  const FakeClock clock(0);
  const auto late_by = [&](std::uint64_t ticks) {
    return [&clock, ticks](std::uint64_t instant) {
      clock.pass_to(instant + ticks);
      return clock.now();
    };
  };
  const auto lateness = probe_pacing(clock, late_by(60), 1'000, 500, {1.0});
  CHECK(lateness.count() == 500);
  CHECK(lateness.min() == 30);
  CHECK(lateness.max() == 30);
}

TEST_CASE("operations that are due while the driver is held up are not late", "[harness][timing_probes]") {
  // Held up once, for the time of a hundred operations: one is late, the others wait for it, which is no lateness.
  const FakeClock clock(0);
  std::size_t calls = 0;
  const auto held_up = [&](std::uint64_t instant) {
    clock.pass_to(instant);
    if (++calls == 50) clock.pass(100'000);
    return clock.now();
  };
  const auto lateness = probe_pacing(clock, held_up, 1'000, 500, {1.0});
  CHECK(lateness.max() == 50'000);
  CHECK(lateness.percentile_of_few(0.99) == 0);
}

}  // namespace
}  // namespace crosstalk::harness
