#include "reports/looks.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "reports/binomial.h"
#include "reports/paired.h"
#include "reports/signed_rank.h"

namespace crosstalk::reports {
namespace {

TEST_CASE("a single look spends everything", "[reports][looks]") {
  Looks looks;
  CHECK_FALSE(looks.is_due(1'000'000));
  CHECK(looks.spend_rest() == 1);
  CHECK(looks.count() == 1);
}

TEST_CASE("shares follow the blocks and add up to one", "[reports][looks]") {
  Looks looks(20, 100);
  std::vector<std::size_t> at;
  double sum = 0;
  for (std::size_t blocks = 1; blocks <= 100; ++blocks) {
    if (!looks.is_due(blocks)) continue;
    at.push_back(blocks);
    sum += looks.spend(blocks);
    CHECK(sum == Approx(static_cast<double>(blocks) / 100));
  }
  CHECK(at == std::vector<std::size_t>{20, 30, 45, 68, 100});
  CHECK(looks.spent() == Approx(1));
}

TEST_CASE("who is stopped early spends what is left at the last look", "[reports][looks]") {
  Looks looks(20, 100);
  CHECK(looks.spend(20) == Approx(0.2));
  CHECK(looks.spend_rest() == Approx(0.8));
  CHECK(looks.spend_rest() == 0);
}

TEST_CASE("blocks beyond those planned have nothing to spend", "[reports][looks]") {
  Looks looks(5, 10);
  CHECK(looks.spend(10) == Approx(1));
  CHECK(looks.is_due(11));
  CHECK(looks.spend(11) == 0);
  CHECK(looks.spend_rest() == 0);
}

struct Stopped {
  bool covered = false;   // the interval at the stop holds the truth
  bool rejected = false;  // the test at the stop says "different"
};

// Stops as soon as the interval is narrower than +- 3 %, or tells the two apart: the worst that a look can do.
Stopped run_until(std::mt19937_64& random, double truth, bool spend) {
  std::student_t_distribution<double> noise(3);
  Looks looks(15, 120);
  std::vector<double> differences;
  Stopped stopped;
  while (differences.size() < 120) {
    differences.push_back(truth + 0.05 * noise(random));
    if (!looks.is_due(differences.size())) continue;
    const double share = spend ? looks.spend(differences.size()) : (looks.spend(differences.size()), 1.0);
    const auto interval = hodges_lehmann_interval(differences, 1 - 0.05 * share);
    const double p = signed_rank_p(differences) / share;
    if (!interval) continue;
    stopped.covered = interval->low <= truth && truth <= interval->high;
    stopped.rejected = p < 0.05;
    if (interval->high - interval->low < 0.06 || stopped.rejected) break;
  }
  return stopped;
}

TEST_CASE("with shares, looking early errs no more often than the level says", "[reports][looks]") {
  constexpr std::uint64_t kRounds = 1'500;
  std::mt19937_64 random(11);
  std::uint64_t missed = 0, rejected = 0, naively_rejected = 0;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    missed += run_until(random, 0.02, true).covered ? 0 : 1;
    rejected += run_until(random, 0, true).rejected ? 1 : 0;
    naively_rejected += run_until(random, 0, false).rejected ? 1 : 0;
  }
  CHECK(clopper_pearson(missed, kRounds, 0.99).low < 0.05);
  CHECK(clopper_pearson(rejected, kRounds, 0.99).low < 0.05);
  CHECK(clopper_pearson(naively_rejected, kRounds, 0.99).low > 0.05);  // the test can fail
}

}  // namespace
}  // namespace crosstalk::reports
