#include "reports/winner_map.h"

#include <catch2/catch.hpp>

#include "reports/csv_reader.h"
#include "reports/results_test_help.h"
#include "reports/schema.h"

namespace crosstalk::reports {
namespace {

MapRow map_row() {
  MapRow row;
  row.run_id = "r1";
  row.threads = 4;
  row.write_share_pct = 10;
  row.zipf = 0.99;
  row.members = 16;
  row.outside_ns = 1'000;
  row.outside_scaled_ns = 2'000;
  row.strategies = 3;
  row.blocks = 12;
  row.blocks_needed = 11;
  row.leader = "a/a";
  row.runner_up = "b/b";
  row.leader_ops_s = 1'500;
  row.duel = Duel{};
  row.duel->ratio = 1.25;
  row.duel->interval = Span{1.125, 1.5};
  row.duel->p = 0.25;
  row.duel->p_holm = 0.5;
  row.tied = {"b/b", "c/c"};
  row.mde_pct = 3;
  row.floor_share = 0.125;
  row.left_out = {"d/d: broke, too", "e/e: crashed"};
  row.verdict = MapVerdict::unresolved;
  return row;
}

TEST_CASE("a cell's line holds what the columns say", "[reports][winner_map]") {
  CHECK(
      map_header() ==
      "schema_version,run_id,threads,write_share_pct,zipf,members,outside_ns,outside_scaled_ns,strategies,blocks,"
      "blocks_needed,leader,leader_ops_s,runner_up,ratio,ratio_low,ratio_high,p,p_holm,verdict,tied,mde_pct,floor_share,"
      "left_out\n");
  CHECK(
      map_line(map_row()) ==
      "1,r1,4,10,0.99,16,1000,2000,3,12,11,a/a,1500,b/b,1.25,1.125,1.5,0.25,0.5,unresolved,b/b c/c,3,0.125,\"d/d: broke, too; e/e: crashed\"\n");
}

TEST_CASE("where nothing was compared, cells are empty", "[reports][winner_map]") {
  MapRow row;
  row.run_id = "r1";
  CHECK(map_line(row) == "1,r1,1,0,0,0,0,0,0,0,0,,,,,,,,,nothing_to_compare,,,,\n");
}

TEST_CASE("lines of a map are read back", "[reports][winner_map]") {
  MapRow empty;
  empty.run_id = "r1";
  const ResultsFolder folder;
  folder.put("map.csv", map_header() + map_line(map_row()) + map_line(empty));
  const auto rows = read_map(folder.path / "map.csv");
  REQUIRE(rows.size() == 2);
  CHECK(map_line(rows[0]) == map_line(map_row()));
  CHECK(map_line(rows[1]) == map_line(empty));
  CHECK(rows[0].left_out.size() == 2);
  folder.put("map.csv", map_header() + "1,r1,1,0,0,0,0,0,0,0,0,,,,,,,,,resolved,,,,\n");
  CHECK_THROWS_WITH(read_map(folder.path / "map.csv"), Catch::Contains("map.csv:2: ratio"));
}

TEST_CASE("every column of the map has a meaning", "[reports][winner_map]") {
  for (const Column& column : map_columns()) CHECK_FALSE(column.meaning.empty());
}

}  // namespace
}  // namespace crosstalk::reports
