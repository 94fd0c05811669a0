#include <catch2/catch.hpp>

#include "reports/environment.h"

TEST_CASE("every fact of the machine has a key and a value", "[reports]") {
  for (const auto& [key, value] : crosstalk::reports::machine_facts()) {
    CHECK_FALSE(key.empty());
    CHECK_FALSE(value.empty());
  }
}
