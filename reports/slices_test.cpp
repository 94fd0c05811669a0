#include "reports/slices.h"

#include <catch2/catch.hpp>

#include <vector>

namespace crosstalk::reports {
namespace {

// A trial with slices of 10 ms that completed so many operations each.
RecordedTrial trial(const std::vector<std::uint64_t>& completed, double mean_ops_s = 1) {
  RecordedTrial result;
  RecordedOp all;
  all.op = "all";
  all.achieved_ops_s = mean_ops_s;
  result.ops.push_back(all);
  Interval warmup;
  warmup.op = "all";
  warmup.phase = "warmup";
  warmup.length_ns = 10'000'000;
  warmup.completed = 9'999'999;
  result.intervals.push_back(warmup);
  for (const std::uint64_t count : completed) {
    Interval slice = warmup;
    slice.phase = "measure";
    slice.completed = count;
    result.intervals.push_back(slice);
  }
  return result;
}

TEST_CASE("the typical rate is the median of the measured slices but the last", "[reports][slices]") {
  const TypicalRate rate = typical_rate(trial({1'000, 1'010, 0, 1'020, 990, 1'000'000}));
  CHECK(rate.ops_s == Approx(100'000));
  CHECK(rate.slice_ns == 10'000'000);
  CHECK(rate.slices == 5);
}

TEST_CASE("a trial without slices has its mean", "[reports][slices]") {
  CHECK(typical_rate(trial({}, 7)).ops_s == 7);
  const TypicalRate few = typical_rate(trial({1'000, 1'000, 1'000, 1'000, 1'000}, 7));
  CHECK(few.ops_s == 7);
  CHECK(few.slice_ns == 0);
  CHECK(typical_rate(RecordedTrial{}).ops_s == 0);
}

TEST_CASE("slices with few operations are joined", "[reports][slices]") {
  const TypicalRate rate =
      typical_rate(trial({40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 1}));
  CHECK(rate.slice_ns == 30'000'000);
  CHECK(rate.slices == 5);
  CHECK(rate.ops_s == Approx(4'000));
  CHECK(typical_rate(trial({3, 3, 3, 3, 3, 3, 3, 3}, 300)).slice_ns == 0);  // the mean rounds less
}

}  // namespace
}  // namespace crosstalk::reports
