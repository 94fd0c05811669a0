#include "harness/gate/pairs_file.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "harness/command_line_test_support.h"

namespace crosstalk::harness::gate {
namespace {

MeasuredPair some_pair() {
  MeasuredPair pair;
  pair.number = 3;
  pair.scenario = "team, odd";
  pair.use = PairUse::control;
  pair.base_first = false;
  pair.disturbed = true;
  pair.base.surroundings = {.layout = 1, .environment_pad = 77, .plan_row = 5, .cpus = {0, 2}};
  pair.base.row.achieved_ops_s = 1234.5;
  pair.base.row.trace_hash = "00000000000000ab";
  pair.head.row.count = 9;
  pair.head.row.steal_pct = 0.25;
  pair.head.row.status = reports::Status::contaminated;
  return pair;
}

TEST_CASE("a pair is a row with a cell for each column", "[harness][gate]") {
  const std::string header = pairs_header();
  const std::string row = pairs_row(some_pair());
  CHECK_THAT(row, Catch::StartsWith("1,3,\"team, odd\",control,head,1,00000000000000ab,0 2,1234.5,"));
  CHECK_THAT(row, Catch::EndsWith(",0.25,,,,0,contaminated\n"));
  // One comma more: that in the name.
  CHECK(std::count(row.begin(), row.end(), ',') == std::count(header.begin(), header.end(), ',') + 1);
  CHECK_THAT(header, Catch::Contains(",base_cpu_per_op,") && Catch::EndsWith(",head_seconds,head_status\n"));
}

TEST_CASE("pairs are on the disk as soon as they are added", "[harness][gate]") {
  const TestFolder folder;
  PairsFile file(folder.path / "pairs.csv");
  file.add(some_pair());
  CHECK(content_of(folder.path / "pairs.csv") == pairs_header() + pairs_row(some_pair()));
  CHECK_THROWS_AS(PairsFile("/nowhere/pairs.csv"), reports::OutputError);
}

}  // namespace
}  // namespace crosstalk::harness::gate
