#include "reports/detectable.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>
#include <vector>

#include "reports/paired.h"
#include "reports/signed_rank.h"

namespace crosstalk::reports {
namespace {

using Values = std::vector<double>;

TEST_CASE("normal quantiles from the table", "[reports][detectable]") {
  CHECK(normal_quantile(0.5) == Approx(0).margin(1e-9));
  CHECK(normal_quantile(0.975) == Approx(1.959964));
  CHECK(normal_quantile(0.8) == Approx(0.841621));
  CHECK(normal_quantile(1e-4) == Approx(-3.719016));
}

TEST_CASE("deviation by hand", "[reports][detectable]") {
  CHECK(deviation(Values{}) == 0);
  CHECK(deviation(Values{7}) == 0);
  CHECK(deviation(Values{1, 2, 3}) == Approx(1));
}

TEST_CASE("a wild value does not rule the robust deviation", "[reports][detectable]") {
  CHECK(robust_deviation(Values{}) == 0);
  CHECK(robust_deviation(Values{7}) == 0);
  // scipy 1.10: median_abs_deviation([1, 2, 6, 3, 100], scale='normal')
  CHECK(robust_deviation(Values{1, 2, 6, 3, 100}) == Approx(2.965204437011204));
}

TEST_CASE("more power asks for a larger difference", "[reports][detectable]") {
  const Values differences{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  CHECK(*detectable(differences, 0.05, 0.9) > *detectable(differences, 0.05));
  // Half the interval times 1 + z(0.9) / z(0.975) = 1 + 1.28155 / 1.95996
  const auto interval = hodges_lehmann_interval(differences, 0.95);
  CHECK(*detectable(differences, 0.05, 0.9) ==
        Approx((interval->high - interval->low) / 2 * 1.65388).epsilon(1e-4));
}

TEST_CASE("so few pairs that nothing could be shown have no smallest difference", "[reports][detectable]") {
  CHECK_FALSE(detectable(Values{}, 0.05));
  CHECK_FALSE(detectable(Values{1, 2, 3, 4, 5}, 0.05));
  CHECK(detectable(Values{1, 2, 3, 4, 5, 6}, 0.05));
  CHECK_FALSE(detectable(Values{1, 2, 3, 4, 5, 6}, 0.01));
}

TEST_CASE("of normal differences it is what the textbook says", "[reports][detectable]") {
  std::mt19937_64 random(1);
  std::normal_distribution<double> noise(0, 0.1);
  Values found;
  for (int round = 0; round < 200; ++round) {
    Values differences;
    for (int i = 0; i < 50; ++i) differences.push_back(noise(random));
    found.push_back(*detectable(differences, 0.01));
  }
  // (z + z) sd / sqrt(n) over the root of the test's efficiency, 0.955.
  const double expected = (2.5758 + 0.8416) * 0.1 / std::sqrt(50 * 0.955);
  CHECK(median(found) == Approx(expected).epsilon(0.08));
}

enum class Noise { normal, heavy, stalls };

double differences_noise(std::mt19937_64& random, Noise kind) {
  std::normal_distribution<double> core(0, 0.06);
  std::student_t_distribution<double> heavy(2);
  std::uniform_real_distribution<double> share;
  if (kind == Noise::normal) return core(random);
  if (kind == Noise::heavy) return 0.05 * heavy(random);
  const double stall = share(random) < 0.1 ? share(random) : 0;
  return core(random) + (share(random) < 0.5 ? stall : -stall);
}

TEST_CASE("a difference of that size is found about four times of five", "[reports][detectable]") {
  const double level = 0.005 / 66;
  for (const Noise kind : {Noise::normal, Noise::heavy, Noise::stalls}) {
    std::mt19937_64 random(3);
    const auto draw = [&](double shift) {
      Values differences;
      for (int i = 0; i < 45; ++i) differences.push_back(shift + differences_noise(random, kind));
      return differences;
    };
    Values sizes;
    for (int round = 0; round < 300; ++round) sizes.push_back(*detectable(draw(0), level));
    const double size = median(sizes);
    int found = 0;
    for (int round = 0; round < 600; ++round) found += signed_rank_p(draw(size)) < level ? 1 : 0;
    INFO("noise " << static_cast<int>(kind) << ", size " << size << ", found " << found << " of 600");
    CHECK(found > 0.68 * 600);
    CHECK(found < 0.92 * 600);
  }
}

}  // namespace
}  // namespace crosstalk::reports
