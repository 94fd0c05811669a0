#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "reports/sign_flip.h"
#include "reports/signed_rank.h"

namespace crosstalk::reports {
namespace {

constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

const std::vector<double> kOnce{0.8, -0.1, 1.3, 0.4, 0.9, -0.3, 1.1, 0.6, 0.2, 0.7};
const std::vector<double> kTwice{0.5, 0.3, 0.9, -0.2, 0.4, 0.1, 1.5, -0.6, 0.25, 0.8};
const std::vector<double> kNoise{-0.4, 0.2, 0.3, -0.7, 0.1, 0.6, -0.5, 0.9, -0.8, 1.0};

std::vector<double> p_of(const LossColumns& columns, FlipPatterns patterns = {}) {
  return max_t_p(columns, std::vector<double>(columns.size()), patterns);
}

TEST_CASE("one column: as the permutation test of scipy has it", "[reports][gate]") {
  // scipy 1.10: permutation_test((x,), statistic, permutation_type='samples', alternative='greater', n_resamples=inf).pvalue,
  // statistic: scores = sign(x) min(|x|, 1.25 median(|x|)), their sum
  CHECK(p_of({kOnce})[0] * 1024 == Approx(7));
  CHECK(p_of({kTwice})[0] * 1024 == Approx(38));
  CHECK(p_of({kNoise})[0] * 1024 == Approx(454));
  CHECK(p_of({{1, 1, 1}})[0] == Approx(1.0 / 8));
  CHECK(p_of({{1, 0, -1}})[0] ==
        Approx(3.0 / 4));  // zero takes no side: of + -, ++ and the two that cancel out
  CHECK(p_of({{0, 0, 0, 0, 2}})[0] == Approx(0.5));
}

TEST_CASE("one wild pair does not undo what all others say", "[reports][gate]") {
  std::vector<double> column{0.9, 1.1, 1.0, 1.2, 0.8, 1.05, 0.95, 1.15, 0.85, 1.0, -30};
  CHECK(p_of({column})[0] < 0.01);
  CHECK(signed_rank_p(column, Side::greater) > 0.02);  // the largest rank is its own
}

TEST_CASE("step-down maxT by hand", "[reports][gate]") {
  // Three pairs, scores 1 2 2.5. The second column is the first one turned in its first pair: 5.5 and 3.5 of 5.5.
  // Patterns in which one of both reaches 5.5: +++ and -++. Alone, the second reaches 3.5 in +++ and -++.
  const auto p = p_of({{1, 2, 3}, {-1, 2, 3}});
  CHECK(p[0] == Approx(2.0 / 8));
  CHECK(p[1] == Approx(2.0 / 8));
}

TEST_CASE("step-down maxT agrees with all patterns gone through in numpy", "[reports][gate]") {
  // For each column in falling order of t: mean over itertools.product([1, -1], repeat=10) of
  // max over it and all smaller ones of (signs @ scores) >= t, scores as above over the sum of their sizes; then the maximum so far.
  const auto p = p_of({kOnce, kTwice, kNoise});
  CHECK(p[0] * 1024 == Approx(16));
  CHECK(p[1] * 1024 == Approx(77));
  CHECK(p[2] * 1024 == Approx(454));
  const auto beyond = max_t_p({kOnce, kTwice, kNoise}, std::vector<double>{0.15, 0.05, 0});
  CHECK(beyond[0] * 1024 == Approx(71));
  CHECK(beyond[1] * 1024 == Approx(107));
  CHECK(beyond[2] * 1024 == Approx(454));
  CHECK(control_p({kOnce, kTwice, kNoise}) * 1024 == Approx(32));  // max |t| >= the largest
}

// All patterns gone through, one by one.
double exact_p(const std::vector<double>& scores) {
  const double observed = std::accumulate(scores.begin(), scores.end(), 0.0);
  std::size_t hits = 0;
  for (std::size_t signs = 0; signs < std::size_t{1} << scores.size(); ++signs) {
    double sum = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) sum += ((signs >> i) & 1) != 0 ? -scores[i] : scores[i];
    hits += sum >= observed - 1e-9 ? 1 : 0;
  }
  return static_cast<double>(hits) / static_cast<double>(std::size_t{1} << scores.size());
}

TEST_CASE("random patterns come near to all of them, and count the one observed", "[reports][gate]") {
  std::vector<double> column, scores;
  for (int i = 1; i <= 18; ++i) {
    column.push_back(i % 4 == 0 ? -i : i);
    scores.push_back(std::clamp(column.back(), -11.875, 11.875));  // 1.25 times the median 9.5
  }
  const double exact = exact_p(scores);
  const double drawn = p_of({column}, {.seed = 7, .count = 99'999})[0];
  CHECK(drawn == Approx(exact).epsilon(0.05));
  CHECK(p_of({column}, {.seed = 7, .count = 99'999})[0] == drawn);
  CHECK(p_of({column}, {.seed = 8, .count = 99'999})[0] != drawn);
  CHECK(p_of({std::vector<double>(60, 1.0)}, {.seed = 1, .count = 999})[0] == Approx(1.0 / 1000));  // never 0
}

TEST_CASE("what was not measured has no say", "[reports][gate]") {
  std::vector<double> gaps = kOnce;
  gaps.insert(gaps.begin() + 3, {kNotMeasured, kNotMeasured});
  CHECK(p_of({gaps})[0] == Approx(p_of({kOnce})[0]));
  const std::vector<double> none(10, kNotMeasured);
  const auto p = p_of({kOnce, none});
  CHECK(p[0] == Approx(p_of({kOnce})[0]));
  CHECK(p[1] == 1);
  CHECK(p_of({none})[0] == 1);
  CHECK(p_of({}).empty());
  CHECK(p_of({{}})[0] == 1);
  CHECK(control_p({}) == 1);
  CHECK(control_p({none}) == 1);
}

TEST_CASE("a column of few pairs keeps no other from a small p-value", "[reports][gate]") {
  std::vector<double> rare(kOnce.size(), kNotMeasured);
  rare[0] = 0.1;
  const std::vector<double> margins(2);
  CHECK(max_t_p({kOnce, rare}, margins)[0] >= 0.5);
  const auto p = max_t_p({kOnce, rare}, margins, {}, 2);
  CHECK(p[0] == Approx(p_of({kOnce})[0]));
  CHECK(p[1] == 1);
  CHECK(control_p({kOnce, rare}, {}, 2) == Approx(control_p({kOnce})));
  // Nor does one whose pairs lie at the margin but for one.
  std::vector<double> tied(kOnce.size(), 0);
  tied[0] = 0.1;
  CHECK(max_t_p({kOnce, tied}, margins, {}, 2)[0] == Approx(p_of({kOnce})[0]));
  CHECK(control_p({tied}, {}, 2) == 1);
}

TEST_CASE("a column said twice costs nothing, a strange one does", "[reports][gate]") {
  CHECK(p_of({kOnce, kOnce})[0] == Approx(p_of({kOnce})[0]));
  CHECK(p_of({kOnce, kNoise})[0] > p_of({kOnce})[0]);
}

TEST_CASE("as many patterns as a boundary needs", "[reports][gate]") {
  CHECK(patterns_for(0.05) == 9'999);
  CHECK(patterns_for(0.001) == 19'999);  // 20,000 x 0.001 = 20
  CHECK(patterns_for(0.0003) == 66'666);
  CHECK(patterns_for(1e-9) == 4'194'303);
  CHECK(patterns_for(0) == 4'194'303);
}

TEST_CASE("fewest pairs that reach a level", "[reports][gate]") {
  CHECK(fewest_flipped_pairs(0.5) == 1);
  CHECK(fewest_flipped_pairs(0.01) == 7);
  CHECK(fewest_flipped_pairs(1.0 / 128) == 7);
  CHECK(fewest_flipped_pairs(0.01, 5) == 9);  // 5 / 512
  const std::size_t pairs = fewest_flipped_pairs(0.001, 3);
  std::vector<double> up(pairs), turned(pairs),
      other(pairs);  // each column's best pattern differs from the others'
  for (std::size_t i = 0; i < pairs; ++i) {
    up[i] = static_cast<double>(i + 1);
    turned[i] = i == 0 ? -1 : up[i];
    other[i] = i == 1 ? -2 : up[i];
  }
  CHECK(p_of({up, turned, other})[0] <= 0.001);
}

}  // namespace
}  // namespace crosstalk::reports
