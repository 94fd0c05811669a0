#include "harness/verify/counter_monitor.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness::verify {

namespace {
Event increment_to(std::int64_t value, std::uint64_t call, std::uint64_t ret) {
  return {
      .call = call, .ret = ret, .what = "increment", .key = 0, .argument = 1, .result = value, .thread = 0};
}
}  // namespace

TEST_CASE("increments that return each number once, in an order that their intervals allow",
          "[harness][verify]") {
  CHECK(check_counter_values({increment_to(2, 10, 30), increment_to(1, 20, 40)}).empty());
  CHECK(check_counter_values({}).empty());
}

TEST_CASE("a number twice, a number missing, a number too early", "[harness][verify]") {
  CHECK(check_counter_values({increment_to(1, 10, 20), increment_to(1, 15, 25)}) ==
        "two increments returned 1");
  CHECK(check_counter_values({increment_to(1, 10, 20), increment_to(3, 15, 25)}) ==
        "no increment returned 2");
  const std::vector<Event> early{increment_to(2, 10, 20), increment_to(1, 30, 40)};
  CHECK(check_counter_values(early) == "the increment to 1 was called after one to more had returned");
  CHECK(check_counter_values(early, 10).empty());
}

}  // namespace crosstalk::harness::verify
