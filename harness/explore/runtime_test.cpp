#include "harness/explore/runtime.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness::explore {

TEST_CASE("every finding has a name of its own", "[explore]") {
  for (int i = 0; i <= static_cast<int>(Finding::nondeterministic); ++i) {
    CHECK(to_string(static_cast<Finding>(i)) != "unknown");
    for (int k = 0; k < i; ++k)
      CHECK(to_string(static_cast<Finding>(i)) != to_string(static_cast<Finding>(k)));
  }
}

TEST_CASE("nothing is explored outside of explore()", "[explore]") {
  CHECK_FALSE(exploring);
}

}  // namespace crosstalk::harness::explore
