#include <catch2/catch.hpp>

#include <vector>

#include "reports/paired.h"

namespace crosstalk::reports {
namespace {

using Values = std::vector<double>;

TEST_CASE("sign-flip p-values by hand", "[reports][paired]") {
  CHECK(sign_flip_p(Values{}) == 1);
  CHECK(sign_flip_p(Values{1}) == 1);                   // both signs are as extreme
  CHECK(sign_flip_p(Values{1, 2, 3}) == Approx(0.25));  // 2 of 8
  CHECK(sign_flip_p(Values{1, 1, 1, 1, 1, 1}) == Approx(2.0 / 64));
  CHECK(sign_flip_p(Values{1, -1}) == 1);
  CHECK(sign_flip_p(Values{3, -1, 2}) == Approx(0.5));  // |sum| >= 4: 4 and 6, each with its mirror
  CHECK(sign_flip_p(Values(20, 1.0)) < 0.001);
}

TEST_CASE("Hodges-Lehmann estimate and interval by hand", "[reports][paired]") {
  CHECK(hodges_lehmann(Values{1, 2, 6}) == Approx(2.75));  // of 1 1.5 2 3.5 4 6
  CHECK_FALSE(hodges_lehmann_interval(Values{1, 2, 3, 4, 5}, 0.95));
  const auto six = hodges_lehmann_interval(Values{1, 2, 3, 4, 5, 6}, 0.95);
  REQUIRE(six);  // n = 6: one Walsh average is dropped at each end's count of 1 in 64
  CHECK(six->low == 1);
  CHECK(six->high == 6);
}

TEST_CASE("Holm steps down and never falls", "[reports][paired]") {
  const auto adjusted = holm(Values{0.01, 0.04, 0.03});
  CHECK(adjusted[0] == Approx(0.03));
  CHECK(adjusted[2] == Approx(0.06));
  CHECK(adjusted[1] == Approx(0.06));
}

TEST_CASE("Holm over families counts a family until all of it is rejected", "[reports][paired]") {
  using Families = std::vector<std::vector<double>>;
  const auto adjusted = holm_of_families(Families{{0.001, 0.02}, {0.004}, {0.5}});
  CHECK(adjusted[0][0] == Approx(0.003));  // three are open, and stay so: 0.02 is left of its family
  CHECK(adjusted[1][0] == Approx(0.012));
  CHECK(adjusted[0][1] == Approx(0.04));  // the second family is rejected whole
  CHECK(adjusted[2][0] == Approx(0.5));
  const std::vector<double> p{0.01, 0.04, 0.03};
  const auto single =
      holm_of_families(Families{{0.01}, {0.04}, {0.03}});  // families of one: Holm's own procedure
  for (std::size_t i = 0; i < p.size(); ++i) CHECK(single[i][0] == Approx(holm(p)[i]));
  const auto with_empty = holm_of_families(Families{{}, {0.02}});
  CHECK(with_empty[1][0] == Approx(0.02));
}

TEST_CASE("Jain's index", "[reports][paired]") {
  CHECK(jain(Values{}) == 1);
  CHECK(jain(Values{3, 3, 3}) == Approx(1));
  CHECK(jain(Values{1, 0, 0, 0}) == Approx(0.25));
}

}  // namespace
}  // namespace crosstalk::reports
