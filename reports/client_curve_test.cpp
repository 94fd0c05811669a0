#include "reports/client_curve.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace crosstalk::reports {
namespace {

TEST_CASE("a curve runs from the smallest client to the largest", "[reports][client_curve]") {
  const ClientCurve curve = client_curve({30, 10, 20});
  CHECK(curve.clients == 3);
  CHECK(curve.value[0] == 10);
  CHECK(curve.value[25] == 15);  // half way between the first and the second
  CHECK(curve.value[50] == 20);
  CHECK(curve.value[100] == 30);
  CHECK(std::is_sorted(curve.value.begin(), curve.value.end()));
}

TEST_CASE("a single client is the whole curve", "[reports][client_curve]") {
  const ClientCurve curve = client_curve({7});
  CHECK(std::all_of(curve.value.begin(), curve.value.end(), [](double value) { return value == 7; }));
}

TEST_CASE("nobody has no curve", "[reports][client_curve]") {
  CHECK(client_curve({}).clients == 0);
}

TEST_CASE("equal clients make a flat curve", "[reports][client_curve]") {
  const ClientCurve curve = client_curve(std::vector<double>(1'000, 0.1));
  CHECK(std::all_of(curve.value.begin(), curve.value.end(), [](double value) { return value == 0.1; }));
}

}  // namespace
}  // namespace crosstalk::reports
