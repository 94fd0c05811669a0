#include "workloads/zipf.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "workloads/test_statistics.h"

namespace crosstalk::workloads {
namespace {

constexpr std::size_t kDraws = 200'000;

std::vector<double> theory(std::size_t n, double exponent, double offset) {
  std::vector<double> result;
  double sum = 0;
  for (std::size_t k = 1; k <= n; ++k) {
    result.push_back(std::pow(static_cast<double>(k) + offset, -exponent));
    sum += result.back();
  }
  for (double& p : result) p /= sum;
  return result;
}

template <class Draw>
std::vector<double> counts_of(std::size_t n, Draw&& draw) {
  RandomStream random(11, Purpose::operations);
  std::vector<double> counts(n);
  for (std::size_t i = 0; i < kDraws; ++i) counts.at(draw(random)) += 1;
  return counts;
}

TEST_CASE("ranks are drawn as Zipf and Mandelbrot say, for any exponent", "[workloads][zipf]") {
  for (const double exponent : {0.0, 0.5, 0.866, 1.0, 1.172, 1.37, 2.0, 3.5}) {
    for (const double offset : {0.0, 0.5, 8.0, 80.0}) {
      for (const std::size_t n : {std::size_t{2}, std::size_t{150}, std::size_t{5000}}) {
        INFO("exponent " << exponent << " offset " << offset << " n " << n);
        const Zipf zipf(n, exponent, offset);
        const std::vector<double> expected = theory(n, exponent, offset);
        double worst = 0;
        for (std::size_t k = 0; k < n; ++k)
          worst = std::max(worst, std::abs(zipf.probability(k) - expected[k]));
        CHECK(worst < 1e-13);
        const auto counts = counts_of(n, [&](RandomStream& random) { return zipf.draw(random); });
        CHECK(chi_square_deviate(counts, expected) < 3.1);
      }
    }
  }
}

TEST_CASE("an exponent that is 3 % off is noticed", "[workloads][zipf]") {
  const Zipf zipf(150, 1.172);
  const auto counts = counts_of(150, [&](RandomStream& random) { return zipf.draw(random); });
  CHECK(chi_square_deviate(counts, theory(150, 1.172 * 1.03, 0)) > 3.1);
}

TEST_CASE("the first ranks keep their proportions among themselves", "[workloads][zipf]") {
  const Zipf zipf(1000, 1.37, 80);
  const auto counts = counts_of(40, [&](RandomStream& random) { return zipf.draw_of_first(40, random); });
  CHECK(chi_square_deviate(counts, theory(40, 1.37, 80)) < 3.1);
}

TEST_CASE("a single rank is always drawn", "[workloads][zipf]") {
  RandomStream random(1, Purpose::operations);
  const Zipf zipf(1, 1.2);
  for (int i = 0; i < 100; ++i) CHECK(zipf.draw(random) == 0);
}

TEST_CASE("weights decide, and what has weight 0 is never drawn", "[workloads][zipf]") {
  Weighted weighted;
  for (const double weight : {0.0, 3.0, 0.0, 1.0, 0.0}) weighted.add(weight);
  const auto counts = counts_of(5, [&](RandomStream& random) { return weighted.draw(random); });
  CHECK(counts[0] + counts[2] + counts[4] == 0);
  CHECK(counts[1] == Approx(0.75 * kDraws).epsilon(0.01));
  CHECK(weighted.probability(1) == 0.75);
  CHECK(weighted.sum() == 4);
}

}  // namespace
}  // namespace crosstalk::workloads
