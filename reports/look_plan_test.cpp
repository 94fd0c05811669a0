#include <catch2/catch.hpp>

#include <cmath>
#include <numeric>
#include <vector>

#include "reports/look_plan.h"

namespace crosstalk::reports {
namespace {

const std::vector<double> kFractions{0.3, 0.45, 0.675, 1};

std::vector<std::size_t> pairs_of(const std::vector<PlannedLook>& looks) {
  std::vector<std::size_t> pairs;
  for (const PlannedLook& look : looks) pairs.push_back(look.pairs);
  return pairs;
}

TEST_CASE("looks lie at their shares where they can reject", "[reports][gate]") {
  // The first look spends 0.01 / 6 x 0.3 = 0.0005, and 2^-12 = 0.00024 is below.
  const auto looks = plan_looks(40, kFractions, 0.01 / 6, 1);
  CHECK(pairs_of(looks) == std::vector<std::size_t>{12, 18, 27, 40});
  CHECK(looks[0].share == Approx(0.3));
  CHECK(looks[1].share == Approx(0.15));
  CHECK(looks[2].share == Approx(0.225));
  CHECK(looks[3].share == Approx(0.325));
}

TEST_CASE("a look that could not reject comes later", "[reports][gate]") {
  // Of five metrics: 5 / 2^12 = 0.0012 > 0.0005; 5 / 2^13 = 0.00061 > 0.00054; 5 / 2^14 = 0.00031 < 0.00058.
  CHECK(pairs_of(plan_looks(40, kFractions, 0.01 / 6, 5)) == std::vector<std::size_t>{14, 18, 27, 40});
  // 0.3 of 20 are 6. Of 11 pairs: 2^-11 = 0.00049 > 0.00083 x 11 / 20 = 0.00046; of 12: 0.00024 < 0.0005.
  CHECK(pairs_of(plan_looks(20, kFractions, 0.01 / 12, 1)).front() == 12);
}

TEST_CASE("every look can reject, and all of them spend everything", "[reports][gate]") {
  for (std::size_t pairs_max = 1; pairs_max <= 200; ++pairs_max) {
    for (const double level : {0.05, 0.01, 0.001, 1e-5}) {
      const auto looks = plan_looks(pairs_max, kFractions, level, 3);
      CHECK(looks.empty() == (3 * std::ldexp(1.0, -static_cast<int>(pairs_max)) > level));
      double spent = 0;
      std::size_t before = 0;
      for (const PlannedLook& look : looks) {
        CHECK(look.pairs > before);
        CHECK(3 * std::ldexp(1.0, -static_cast<int>(look.pairs)) <= level * look.share);
        before = look.pairs;
        spent += look.share;
      }
      if (!looks.empty()) CHECK(spent == Approx(1));
      if (!looks.empty()) CHECK(before == pairs_max);
    }
  }
}

}  // namespace
}  // namespace crosstalk::reports
