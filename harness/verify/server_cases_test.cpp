#include "harness/verify/server_cases.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness::verify {

TEST_CASE("a law is named without its numbers", "[harness][verify]") {
  CHECK(name_of_law("5 deliveries arrived twice") == "deliveries arrived twice");
  CHECK(name_of_law("sum of room sequences against posts accepted: 5 against 6") ==
        "sum of room sequences against posts accepted");
  CHECK(name_of_law("pool: submitted against completed + failed + rejected + dropped: 1 against 2") ==
        "pool: submitted against completed + failed + rejected + dropped");
  CHECK(name_of_law("no numbers at all") == "no numbers at all");
}

}  // namespace crosstalk::harness::verify
