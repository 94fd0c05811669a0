#include "workloads/portable_math.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace crosstalk::workloads {
namespace {

double relative_error(double got, double exact) {
  return exact == 0 ? std::abs(got) : std::abs(got / exact - 1);
}

TEST_CASE("portable_log is within 1e-13 of the exact logarithm", "[workloads][math]") {
  double worst = 0;
  for (double x = 1e-300; x < 1e300; x *= 1.0137)
    worst = std::max(worst, relative_error(portable_log(x), std::log(x)));
  // Near 1 the logarithm is near 0, where only an exact method keeps the relative error.
  for (double d = 1e-9; d < 0.5; d *= 1.1) {
    worst = std::max(worst, relative_error(portable_log(1 + d), std::log(1 + d)));
    worst = std::max(worst, relative_error(portable_log(1 - d), std::log(1 - d)));
  }
  CHECK(worst < 1e-13);
  CHECK(portable_log(1) == 0);
}

TEST_CASE("portable_exp is within 1e-13 of the exact value", "[workloads][math]") {
  double worst = 0;
  for (double x = -700; x <= 700; x += 0.0719)
    worst = std::max(worst, relative_error(portable_exp(x), std::exp(x)));
  CHECK(worst < 1e-13);
  CHECK(portable_exp(0) == 1);
}

TEST_CASE("portable_pow is within 1e-12 of the exact power", "[workloads][math]") {
  double worst = 0;
  for (double base = 0.5; base < 1e7; base *= 1.37) {
    for (double exponent = -10; exponent <= 2; exponent += 0.173) {
      worst = std::max(worst, relative_error(portable_pow(base, exponent), std::pow(base, exponent)));
    }
  }
  CHECK(worst < 1e-12);
  CHECK(portable_pow(1, -1.172) == 1);
}

}  // namespace
}  // namespace crosstalk::workloads
