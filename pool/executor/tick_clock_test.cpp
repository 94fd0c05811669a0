#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>

#include "pool/executor/tick_clock.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("ticks measure what the steady clock measures", "[pool][tick_clock]") {
  const TickClock& clock = TickClock::instance();
  const auto before = std::chrono::steady_clock::now();
  const std::uint64_t first = clock.now();
  while (std::chrono::steady_clock::now() - before < std::chrono::milliseconds(2)) {
  }
  const std::uint64_t last = clock.now();
  const auto after = std::chrono::steady_clock::now();
  const auto measured = clock.duration(last - first);
  // Between the two stood 2 ms at least, around them what `after - before` says; 1 % for the rate.
  CHECK(measured >= std::chrono::microseconds(1980));
  CHECK(measured <= (after - before) * 101 / 100 + std::chrono::microseconds(20));
  CHECK(clock.duration(0).count() == 0);
}

}  // namespace
}  // namespace crosstalk::pool
