#include "harness/explore/places.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness::explore {

TEST_CASE("places are found in a text and replaced, other signs stay", "[explore]") {
  std::unordered_set<std::uint32_t> found;
  collect_places("T1 reads at @1a2b@ what T0 wrote at @ff@; a@b, @@", found);
  CHECK(found == std::unordered_set<std::uint32_t>{0x1a2b, 0xff});
  CHECK(Places({}).expand("at @ff@ or a@b") == "at +0xff or a@b");
}

}  // namespace crosstalk::harness::explore
