#include "reports/change_points.h"

#include <catch2/catch.hpp>

#include <limits>
#include <stdexcept>

#include "reports/binomial.h"
#include "reports/gate_test_help.h"

namespace crosstalk::reports {
namespace {

const std::vector<double> kHill{1.0, 1.2, 0.9, 1.1, 1.0, 1.4, 1.5, 1.3, 1.6, 1.4, 1.0, 1.1, 0.8};

std::vector<double> noise_of(std::size_t count, std::uint64_t seed) {
  SyntheticNormal normal(seed);
  std::vector<double> values(count);
  for (double& value : values) value = 0.01 * normal();
  return values;
}

TEST_CASE("the energy distance by hand", "[reports][drift]") {
  // Between: 3 5 7 2 4 6 1 3 5, mean 4, twice 8. Within: 4/3 and 8/3. (8 - 4) x 9 / 6.
  const Split split = best_split(std::vector<double>{1, 2, 3, 4, 6, 8}, 3);
  CHECK(split.middle == 3);
  CHECK(split.end == 6);
  CHECK(split.distance == Approx(6));
}

TEST_CASE("the best split agrees with all of them gone through in numpy", "[reports][drift]") {
  // max over t and k of t (k-t) / k (2 mean |a-b| - sum |a-a| / (m (m-1)) - sum |b-b| / (n (n-1))), a = x[:t], b = x[t:k]
  const Split split = best_split(kHill, 3);
  CHECK(split.distance == Approx(1.3));
  CHECK(split.middle == 5);
  CHECK(split.end == 10);  // the fall behind it does not hide the rise
  CHECK(best_split(std::vector<double>{1, 2, 3, 4, 5}, 3).distance == 0);
  CHECK(best_split({}, 3).distance == 0);
}

TEST_CASE("a step is found where it is", "[reports][drift]") {
  std::vector<double> values = noise_of(60, 1);
  for (std::size_t i = 35; i < values.size(); ++i) values[i] += 0.03;
  const auto changes = change_points(values);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].at == 35);
  CHECK(changes[0].p == Approx(0.001));  // the smallest there is, never 0
  CHECK(changes[0].before == Approx(0).margin(0.005));
  CHECK(changes[0].after == Approx(0.03).margin(0.005));
}

TEST_CASE("a rise and its fall are two changes", "[reports][drift]") {
  std::vector<double> values = noise_of(80, 2);
  for (std::size_t i = 30; i < 50; ++i) values[i] += 0.04;
  const auto changes = change_points(values);
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].at == 30);
  CHECK(changes[1].at == 50);
  CHECK(changes[0].after == Approx(0.04).margin(0.005));
  CHECK(changes[1].after == Approx(0).margin(0.005));
}

TEST_CASE("a change of spread alone is one too", "[reports][drift]") {
  std::vector<double> values = noise_of(120, 3);
  for (std::size_t i = 60; i < values.size(); ++i) values[i] *= 8;
  const auto changes = change_points(values);
  REQUIRE_FALSE(changes.empty());
  CHECK(changes[0].at > 50);
  CHECK(changes[0].at < 70);
}

TEST_CASE("steady series have changes as seldom as the level says", "[reports][drift]") {
  constexpr std::size_t kSeries = 200;
  std::size_t found = 0;
  for (std::size_t series = 0; series < kSeries; ++series)
    found += change_points(noise_of(24, 100 + series), {.level = 0.1, .orders = 99}).empty() ? 0 : 1;
  CAPTURE(found);
  CHECK(clopper_pearson(found, kSeries, 0.99).low <= 0.1);
  CHECK(clopper_pearson(found, kSeries, 0.99).high >= 0.1);  // exactly so often: not by never finding any
}

TEST_CASE("short and even series have no changes, bad ones are refused", "[reports][drift]") {
  CHECK(change_points({}).empty());
  CHECK(change_points(std::vector<double>{1, 9, 1, 9, 1}).empty());
  CHECK(change_points(std::vector<double>(40, 7.0)).empty());
  CHECK_THROWS_AS(change_points(kHill, {.shortest = 1}), std::invalid_argument);
  CHECK_THROWS_AS(change_points(kHill, {.level = 0.001, .orders = 99}), std::invalid_argument);
  CHECK_THROWS_AS(change_points(std::vector<double>{1, std::numeric_limits<double>::quiet_NaN()}),
                  std::invalid_argument);
}

TEST_CASE("correlation with the value before", "[reports][drift]") {
  CHECK(lag_one(kHill) ==
        Approx(0.3407528641571196));  // numpy: c = x - mean; (c[1:] * c[:-1]).sum() / (c * c).sum()
  CHECK(lag_one(std::vector<double>{1, -1, 1, -1}) == Approx(-0.75));
  CHECK(lag_one(std::vector<double>(5, 2.0)) == 0);
  CHECK(lag_one(std::vector<double>{1, 2}) == 0);
}

}  // namespace
}  // namespace crosstalk::reports
