#include <catch2/catch.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>

#include "harness/clock.h"

namespace crosstalk::harness {
namespace {

using Steady = std::chrono::steady_clock;

std::uint64_t steady_ns() {
  return static_cast<std::uint64_t>(Steady::now().time_since_epoch().count());
}

TEST_CASE("the steady clock ticks in nanoseconds", "[harness][clock]") {
  const Clock clock = Clock::steady();
  CHECK_FALSE(clock.is_tsc());
  CHECK(clock.ticks_per_ns() == 1);
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{123'456'789}, std::uint64_t{1} << 62}) {
    CHECK(clock.to_ns(value) == value);
  }
  CHECK(clock.to_ticks(1.9) == 1);
  const std::uint64_t before = steady_ns();
  const std::uint64_t now = clock.now();
  CHECK(before <= now);
  CHECK(now <= steady_ns());
}

TEST_CASE("what lasts longer than any clock counts as decades, which can be added to an instant",
          "[harness][clock]") {
  for (const Clock& clock : {Clock::steady(), Clock::calibrated()}) {
    for (const double ns : {1e19, 1e30, std::numeric_limits<double>::infinity(), std::nan("")}) {
      CHECK(clock.to_ticks(ns) == std::uint64_t{1} << 62);
      CHECK(clock.now() + clock.to_ticks(ns) > clock.now());
    }
  }
}

TEST_CASE("a clock never runs backwards on one thread", "[harness][clock]") {
  for (const Clock& clock : {Clock::steady(), Clock::calibrated()}) {
    std::uint64_t last = clock.now();
    for (int i = 0; i < 100'000; ++i) {
      const std::uint64_t now = clock.now();
      REQUIRE(now >= last);
      last = now;
    }
  }
}

TEST_CASE("ticks and nanoseconds are each other's inverse", "[harness][clock]") {
  const Clock clock = Clock::calibrated();
  for (const double ns : {0.0, 1.0, 1e3, 1e6, 1e9, 3.6e12, 6e14}) {  // up to a week
    const auto back = static_cast<double>(clock.to_ns(clock.to_ticks(ns)));
    CHECK(back <= ns + 1 + ns * 1e-9);
    CHECK(back >= ns - 2 - ns * 1e-9);
  }
}

// Compares spans of both clocks around the same wait: a preemption can stretch the outer span, but then the
// inner one of the other clock cannot be longer than it. The rate itself may be off by the calibration's own
// error.
TEST_CASE("the calibrated clock agrees with steady_clock about a span", "[harness][clock]") {
  const Clock clock = Clock::calibrated();
  constexpr std::uint64_t kSpanNs = 20'000'000;
  constexpr double kRateError = 0.05;
  const std::uint64_t outer_begin = steady_ns();
  const std::uint64_t begin = clock.now();
  const std::uint64_t inner_begin = steady_ns();
  while (steady_ns() - inner_begin < kSpanNs) {
  }
  const std::uint64_t inner_end = steady_ns();
  const std::uint64_t end = clock.now();
  const std::uint64_t outer_end = steady_ns();
  const auto measured = static_cast<double>(clock.to_ns(end - begin));
  CHECK(measured >= static_cast<double>(inner_end - inner_begin) * (1 - kRateError));
  CHECK(measured <= static_cast<double>(outer_end - outer_begin) * (1 + kRateError));
}

TEST_CASE("a clock driven by hand stands still until it is told to go on", "[harness][clock]") {
  VirtualTime time;
  const Clock clock = Clock::driven_by(time);
  const std::uint64_t begin = clock.now();
  CHECK(clock.now() == begin);
  time.pass(1'500);
  CHECK(clock.to_ns(clock.now() - begin) == 1'500);
  time.pass_until(begin);  // has passed already
  CHECK(clock.now() == begin + 1'500);
  time.pass_until(begin + 2'000);
  CHECK(clock.now() == begin + 2'000);
  CHECK(Clock::steady().virtual_time() == nullptr);
}

}  // namespace
}  // namespace crosstalk::harness
