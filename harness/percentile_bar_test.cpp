#include "harness/percentile_bar.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness {
namespace {

// 1,000 values: 50 % of 100 ns, 40 % of 1,000 ns, the rest 10,000 ns but one of 100,000 ns.
reports::Histogram spread() {
  reports::Histogram values;
  values.record(100, 500);
  values.record(1'000, 400);
  values.record(10'000, 99);
  values.record(100'000, 1);
  return values;
}

TEST_CASE("a scale is of whole decades", "[harness][percentile_bar]") {
  const reports::Histogram values = spread();
  const LogScale scale = scale_of({&values});
  CHECK(scale.low_ns == 100);
  CHECK(scale.high_ns == 100'000);
  CHECK(scale_of({}).high_ns > scale_of({}).low_ns);
}

TEST_CASE("a bar is shaded up to each percentile", "[harness][percentile_bar]") {
  const reports::Histogram values = spread();
  // p99.9 needs 5,600 values, so what lies beyond p99 is shaded as the maximum.
  CHECK(percentile_bar(values, scale_of({&values}), 30, ascii_glyphs()) == "#=========---------->>>>>>>>>>");
}

TEST_CASE("few values have the shade of the maximum only", "[harness][percentile_bar]") {
  reports::Histogram values;
  values.record(1'000, 3);
  CHECK(percentile_bar(values, {.low_ns = 100, .high_ns = 10'000}, 10, ascii_glyphs()) == ">>>>>");
}

TEST_CASE("no values have no bar, and zero nanoseconds a short one", "[harness][percentile_bar]") {
  CHECK(percentile_bar({}, {}, 10, ascii_glyphs()).empty());
  reports::Histogram zero;
  zero.record(0, 20);
  CHECK(percentile_bar(zero, scale_of({&zero}), 10, ascii_glyphs()) == "#");
}

}  // namespace
}  // namespace crosstalk::harness
