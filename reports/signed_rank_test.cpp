#include "reports/signed_rank.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>
#include <vector>

#include "reports/binomial.h"

namespace crosstalk::reports {
namespace {

using Values = std::vector<double>;

TEST_CASE("signed-rank p-values by hand", "[reports][signed_rank]") {
  CHECK(signed_rank_p(Values{}) == 1);
  CHECK(signed_rank_p(Values{0, 0}) == 1);
  CHECK(signed_rank_p(Values{1}) == 1);
  CHECK(signed_rank_p(Values{1, 2, 3}) == Approx(2.0 / 8));
  CHECK(signed_rank_p(Values{-1, 2, 3}) == Approx(4.0 / 8));  // W <= 1: {}, {1}
  CHECK(signed_rank_p(Values{1, 2, -3}) == 1);                // W <= 3: 5 of 8 patterns, twice
  CHECK(signed_rank_p(Values{1, 2, 3, 4, 5, 600}) == Approx(2.0 / 64));
  CHECK(signed_rank_p(Values{1, 2, 3}, Side::greater) == Approx(1.0 / 8));
  CHECK(signed_rank_p(Values{-1, -2, -3}, Side::greater) == 1);
}

TEST_CASE("ties share their ranks, zeros keep theirs", "[reports][signed_rank]") {
  // Ranks 1.5 1.5 3: W <= 1.5 has {}, {1.5}, {1.5}.
  CHECK(signed_rank_p(Values{-1, 1, 2}) == Approx(6.0 / 8));
  // Ranks 2 and 3 behind the zero: W <= 0 of 4 patterns.
  CHECK(signed_rank_p(Values{0, 1, 2}) == Approx(2.0 / 4));
  CHECK(signed_rank_p(Values{std::log(2.0), std::log(0.5)}) == 1);
}

TEST_CASE("intervals leave out what the test's distribution says", "[reports][signed_rank]") {
  // Wilcoxon's table, two-sided 5 %: W is significant up to 0 of 6, 2 of 7, 3 of 8, 8 of 10, 52 of 20.
  CHECK(signed_rank_drop(5, 0.025) == 0);
  CHECK(signed_rank_drop(6, 0.025) == 1);
  CHECK(signed_rank_drop(7, 0.025) == 3);
  CHECK(signed_rank_drop(8, 0.025) == 4);
  CHECK(signed_rank_drop(10, 0.025) == 9);
  CHECK(signed_rank_drop(20, 0.025) == 53);
  CHECK(signed_rank_drop(0, 0.025) == 0);
}

TEST_CASE("the normal approximation continues the exact distribution", "[reports][signed_rank]") {
  const double exact = static_cast<double>(signed_rank_drop(200, 0.025)) / (200.0 * 201);
  const double normal = static_cast<double>(signed_rank_drop(201, 0.025)) / (201.0 * 202);
  CHECK(normal == Approx(exact).epsilon(0.01));
  std::mt19937_64 random(5);
  std::normal_distribution<double> noise(0.2, 1);
  Values values;
  while (values.size() < 200) values.push_back(noise(random));
  const double p = signed_rank_p(values);
  values.push_back(1e-9);  // hardly a difference
  CHECK(signed_rank_p(values) == Approx(p).epsilon(0.1));
}

TEST_CASE("how many pairs a level takes", "[reports][signed_rank]") {
  CHECK(fewest_pairs(1) == 1);
  CHECK(fewest_pairs(0.05) == 6);
  CHECK(fewest_pairs(0.005) == 9);
  CHECK(fewest_pairs(0.005 / 66) == 15);
}

TEST_CASE("equals are told apart as often as the level says, whatever the noise", "[reports][signed_rank]") {
  std::mt19937_64 random(9);
  std::cauchy_distribution<double> wild;
  std::bernoulli_distribution slow(0.3);
  std::uint64_t false_wild = 0, false_bimodal = 0;
  constexpr std::uint64_t kRounds = 4'000;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    Values cauchy, bimodal;
    for (int i = 0; i < 20; ++i) {
      cauchy.push_back(wild(random));
      bimodal.push_back((slow(random) ? 0.5 : 0) - (slow(random) ? 0.5 : 0));  // most are ties
    }
    false_wild += signed_rank_p(cauchy) < 0.05 ? 1 : 0;
    false_bimodal += signed_rank_p(bimodal) < 0.05 ? 1 : 0;
  }
  CHECK(clopper_pearson(false_wild, kRounds, 0.99).low < 0.05);
  CHECK(clopper_pearson(false_wild, kRounds, 0.99).high > 0.04);  // nor far more rarely
  CHECK(clopper_pearson(false_bimodal, kRounds, 0.99).low < 0.05);
}

}  // namespace
}  // namespace crosstalk::reports
