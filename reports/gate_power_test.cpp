#include <catch2/catch.hpp>

#include "reports/gate_power.h"

namespace crosstalk::reports {
namespace {

// n = 2 + 1.1 / 0.955 ((z(1 - level) + z(0.9)) s / gap)^2 with z from a table: 2.3263 (1 %), 2.9352 (1 % / 6), 1.2816 (90 %).
TEST_CASE("pairs needed, worked out by hand", "[reports][gate]") {
  const auto pairs = [](double deviation, double gap, double level) {
    return pairs_for({.deviation = deviation, .gap = gap, .level = level});
  };
  CHECK(pairs(0.01, 0.01, 0.01) == 17);       // 2 + 1.1518 x 13.015 = 16.99
  CHECK(pairs(0.01, 0.01, 0.01 / 6) == 23);   // 2 + 1.1518 x 17.782 = 22.48
  CHECK(pairs(0.03, 0.01, 0.01) == 137);      // 2 + 9 x 14.991 = 136.9
  CHECK(pairs(0.03, 0.01, 0.01 / 6) == 187);  // 2 + 9 x 20.482 = 186.3
  CHECK(pairs(0.05, 0.05, 0.01) == 17);
  CHECK(pairs(0.12, 0.08, 0.01) == 36);
}

TEST_CASE("pairs needed are never fewer than can show anything", "[reports][gate]") {
  CHECK(pairs_for({.deviation = 0, .gap = 0.01, .level = 0.01}) == 12);
  CHECK(pairs_for({.deviation = 0, .gap = 0.01, .level = 1e-6}) == 20);  // 2^-20 < 1e-6 < 2^-19
  CHECK(pairs_for({.deviation = 0, .gap = 0.01, .level = 1e-6, .columns = 5}) ==
        23);  // 5 / 2^23 < 1e-6 < 5 / 2^22
  CHECK(pairs_for({.deviation = 1, .gap = 1e-9, .level = 0.01}) == 1'000'000);
}

TEST_CASE("the gap of so many pairs is the one that needs them", "[reports][gate]") {
  for (const std::size_t pairs : {20U, 40U, 300U}) {
    const double gap = gap_for(pairs, 0.03, 0.001);
    CHECK(pairs_for({.deviation = 0.03, .gap = gap * 1.0001, .level = 0.001}) == pairs);
    CHECK(pairs_for({.deviation = 0.03, .gap = gap * 0.9999, .level = 0.001}) == pairs + 1);
  }
}

}  // namespace
}  // namespace crosstalk::reports
