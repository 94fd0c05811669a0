#include "harness/explore/own_memory.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness::explore {

TEST_CASE("own memory is known as such, cleared, and has an end", "[explore]") {
  auto* const word = own_memory<long>();
  REQUIRE(word != nullptr);
  CHECK(*word == 0);
  CHECK(is_own_memory(word));
  const int other = 0;
  CHECK_FALSE(is_own_memory(&other));
  CHECK(map_own_memory(std::size_t{1} << 40) == nullptr);
}

}  // namespace crosstalk::harness::explore
