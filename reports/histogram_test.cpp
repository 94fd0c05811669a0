#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "reports/histogram.h"

namespace crosstalk::reports {
namespace {

TEST_CASE("a percentile is within 0.79 % of the exact one, from 1 ns to 1 h", "[reports][histogram]") {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> exponent(0, std::log(3.6e12));
  for (int round = 0; round < 20; ++round) {
    Histogram histogram;
    std::vector<std::uint64_t> values;
    for (int i = 0; i < 10'000; ++i) {
      values.push_back(static_cast<std::uint64_t>(std::exp(exponent(random))));
      histogram.record(values.back());
    }
    std::sort(values.begin(), values.end());
    for (const double p : {0.0, 0.001, 0.5, 0.9, 0.99, 0.999}) {
      const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(p * 10'000)));
      const auto exact = static_cast<double>(values[rank - 1]);
      const auto got = static_cast<double>(histogram.percentile_of_few(p));
      INFO("p " << p << " exact " << exact << " got " << got);
      CHECK(std::abs(got - exact) <= 0.0079 * exact);
    }
    CHECK(histogram.min() == values.front());
    CHECK(histogram.max() == values.back());
    CHECK(histogram.percentile_of_few(1) <= histogram.max());
  }
}

TEST_CASE("every value falls into a bucket that holds it", "[reports][histogram]") {
  for (unsigned bit = 0; bit < Histogram::kRangeBits; ++bit) {
    for (const std::int64_t delta : {-1, 0, 1}) {
      const auto value = static_cast<std::uint64_t>((std::int64_t{1} << bit) + delta);
      if (value >= Histogram::kRange) continue;
      Histogram histogram;
      histogram.record(value);
      histogram.for_each_bucket([&](std::uint64_t low, std::uint64_t high, std::uint64_t count) {
        CHECK(low <= value);
        CHECK(value <= high);
        CHECK(count == 1);
        CHECK(static_cast<double>(high - low) <= static_cast<double>(low) / 64);
      });
    }
  }
}

TEST_CASE("values beyond the range are counted, and the maximum stays exact", "[reports][histogram]") {
  Histogram histogram;
  histogram.record(5);
  histogram.record(Histogram::kRange + 12345, 3);
  CHECK(histogram.count() == 4);
  CHECK(histogram.overflow() == 3);
  CHECK(histogram.max() == Histogram::kRange + 12345);
  CHECK(histogram.percentile_of_few(0.99) == histogram.max());
  CHECK(histogram.percentile_of_few(0.1) == 5);
}

TEST_CASE("the mean stays right where the sum passes 2^64", "[reports][histogram]") {
  constexpr std::uint64_t kMinutesNs = 300'000'000'000;
  Histogram histogram;
  histogram.record(kMinutesNs, 1'000'000'000);  // 3e20, sixteen times 2^64
  CHECK(histogram.mean() == Approx(3e11).epsilon(1e-12));
  histogram.record(5, 1'000'000'000);
  CHECK(histogram.mean() == Approx(1.5e11).epsilon(1e-10));
  Histogram merged;
  for (int i = 0; i < 3; ++i) merged.merge(histogram);
  CHECK(merged.mean() == Approx(1.5e11).epsilon(1e-10));
  merged.refine(kMinutesNs, 1.5e11);
  CHECK(merged.mean() == Approx(1.5e11).epsilon(1e-10));
}

TEST_CASE("a percentile needs 5.6/(1-p) values", "[reports][histogram]") {
  Histogram histogram;
  CHECK_FALSE(histogram.percentile(0.5));
  histogram.record(7, 11);
  CHECK_FALSE(histogram.percentile(0.5));
  histogram.record(7);
  CHECK(histogram.percentile(0.5) == 7);
  histogram.record(7, 547);
  CHECK_FALSE(histogram.percentile(0.99));
  histogram.record(7);
  CHECK(histogram.percentile(0.99) == 7);
}

TEST_CASE("merging equals recording everything", "[reports][histogram]") {
  std::mt19937_64 random(2);
  Histogram parts[3];
  Histogram whole;
  for (int i = 0; i < 5'000; ++i) {
    const std::uint64_t value = random() >> (random() % 64);
    parts[i % 3].record(value);
    whole.record(value);
  }
  Histogram merged;
  for (const Histogram& part : parts) merged.merge(part);
  CHECK(merged.count() == whole.count());
  CHECK(merged.overflow() == whole.overflow());
  CHECK(merged.min() == whole.min());
  CHECK(merged.max() == whole.max());
  CHECK(merged.mean() == Approx(whole.mean()));
  for (const double p : {0.01, 0.5, 0.9, 0.99}) CHECK(merged.percentile(p) == whole.percentile(p));
}

}  // namespace
}  // namespace crosstalk::reports
