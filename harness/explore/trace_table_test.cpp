#include "harness/explore/trace_table.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness::explore {

TEST_CASE("each thread has a column, objects have letters", "[explore]") {
  const int object = 0;
  const std::vector<TraceEvent> trace{
      {0, 0, 0, "create", nullptr, 0}, {1, 0, 0, "lock", &object, 0}, {0, 0, 0, "lock", &object, 0}};
  CHECK(trace_table(trace, Places({})) ==
        "T0      T1\n"
        "create\n"
        "        lock a\n"
        "lock a\n");
}

TEST_CASE("of a long trace the end is shown", "[explore]") {
  const std::vector<TraceEvent> trace(5, {0, 0, 0, "load", nullptr, 0});
  CHECK(trace_table(trace, Places({}), 2) == "T0\n... 3 steps before\nload\nload\n");
}

}  // namespace crosstalk::harness::explore
