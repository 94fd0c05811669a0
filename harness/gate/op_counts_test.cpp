#include "harness/gate/op_counts.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness::gate {
namespace {

reports::RunRow counted(std::uint64_t count, std::uint64_t errors, std::uint64_t waits) {
  reports::RunRow row;
  row.count = count;
  row.errors = errors;
  row.switches_voluntary = waits;
  return row;
}

TEST_CASE("counts are medians per operation, of what there was", "[harness][gate]") {
  const std::vector<OpCount> counts =
      op_counts({counted(100, 0, 1), counted(100, 0, 9), counted(100, 0, 2)}, {counted(100, 0, 3)});
  REQUIRE(counts.size() == 1);  // no errors, and page faults were not measured
  CHECK(counts[0].name == "waits");
  CHECK(counts[0].base == Approx(0.02));
  CHECK(counts[0].head == Approx(0.03));
  CHECK(counts[0].change() == Approx(0.5));
  const std::vector<OpCount> fewer = op_counts({counted(100, 5, 1)}, {counted(100, 0, 0)});
  REQUIRE(fewer.size() == 2);
  CHECK(fewer[0].name == "errors");
  CHECK(fewer[0].head == 0);
}

TEST_CASE("without blocks nothing is counted", "[harness][gate]") {
  CHECK(op_counts({}, {counted(1, 1, 1)}).empty());
  CHECK(op_counts({counted(0, 1, 1)}, {counted(1, 1, 1)}).empty());
}

}  // namespace
}  // namespace crosstalk::harness::gate
