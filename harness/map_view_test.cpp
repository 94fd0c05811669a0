#include "harness/map_view.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

#include "reports/schema.h"

namespace crosstalk::harness {
namespace {

using reports::MapRow;
using reports::MapVerdict;

MapRow cell_row(std::uint64_t threads, double writes, const std::string& leader, double ratio,
                MapVerdict verdict = MapVerdict::resolved) {
  MapRow row;
  row.run_id = "r1";
  row.threads = threads;
  row.write_share_pct = writes;
  row.zipf = 0.99;
  row.members = 16;
  row.outside_ns = 1'000;
  row.strategies = 3;
  row.blocks = 12;
  row.blocks_needed = 11;
  row.leader = leader;
  row.runner_up = "s/c";
  row.duel = reports::Duel{};
  row.duel->ratio = ratio;
  row.verdict = verdict;
  if (verdict != MapVerdict::resolved) row.tied = {"s/c"};
  return row;
}

// s/a wins below, s/b above, and in one cell nobody does.
std::vector<MapRow> four_cells() {
  return {cell_row(1, 1, "s/a", 1.5), cell_row(2, 1, "s/b", 12.34), cell_row(1, 50, "s/a", 1.025),
          cell_row(2, 50, "s/b", 1.1, MapVerdict::unresolved)};
}

std::string printed(const std::vector<MapRow>& rows, Format format, std::string* errors = nullptr) {
  std::ostringstream out, err;
  print_map(rows, format, {out, err});
  if (errors != nullptr) *errors = err.str();
  return out.str();
}

TEST_CASE("one sentence says who wins how much of the map, and where it flips", "[harness][map_view]") {
  CHECK(map_answer(four_cells()) ==
        "Of 4 cells 3 have a winner: s/a wins 2, s/b wins 1; in 1 nothing is resolved. It flips between "
        "neighbouring cells along drivers (1 of 1 pairs).");
  auto rows = four_cells();
  rows[1].leader = "s/a";
  CHECK_THAT(map_answer(rows), Catch::EndsWith("It flips nowhere between neighbouring cells that have one."));
}

TEST_CASE("cells that cannot be judged are told with what it takes", "[harness][map_view]") {
  auto rows = four_cells();
  for (MapRow& row : rows) row.verdict = MapVerdict::too_few;
  CHECK(map_answer(rows) ==
        "Of 4 cells 0 have a winner; 4 are not judged, which takes at least 11 blocks, got 12.");
  CHECK(map_answer({MapRow()}) == "Of 1 cell 0 have a winner; in 1 there is nothing to compare.");
}

TEST_CASE("a grid has writes and Zipf exponents down, drivers across", "[harness][map_view]") {
  const auto grids = map_grids(four_cells());
  REQUIRE(grids.size() == 1);
  CHECK(grids[0].title == "16 members, outside work 1us");
  using Cells = std::vector<std::string>;
  REQUIRE(grids[0].table.columns.size() == 4);
  CHECK(grids[0].table.columns[3].name == "x2");
  REQUIRE(grids[0].table.rows.size() == 2);
  CHECK(grids[0].table.rows[0] == Cells{"1 %", "0.99", "a 1.50x", "b 12.3x"});
  CHECK(grids[0].table.rows[1] == Cells{"50 %", "0.99", "a 1.02x", "~b"});
}

TEST_CASE("members and outside work have grids of their own, in order", "[harness][map_view]") {
  auto rows = four_cells();
  rows[0].members = 256;
  rows[1].outside_ns = 0;
  rows[1].leader.clear();
  const auto grids = map_grids(rows);
  REQUIRE(grids.size() == 3);
  CHECK(grids[0].title == "16 members, outside work 0");
  CHECK(grids[0].table.rows[0][3] == "-");
  CHECK(grids[0].table.rows[0][2].empty());
  CHECK(grids[2].title == "256 members, outside work 1us");
}

TEST_CASE("it is said where each strategy wins", "[harness][map_view]") {
  const auto sentences = map_winners(four_cells());
  REQUIRE(sentences.size() == 2);
  CHECK(sentences[0] ==
        "s/a wins 2, by 1.02 x to 1.50 x; drivers 1 (2 of 2), 2 (0); writes 1 % (1 of 2), 50 % (1).");
  CHECK(sentences[1] == "s/b wins 1, by 12.3 x; drivers 1 (0 of 2), 2 (1); writes 1 % (1 of 2), 50 % (0).");
}

TEST_CASE("cells near the floor, and who was left out, are told", "[harness][map_view]") {
  auto rows = four_cells();
  CHECK(map_remarks(rows).empty());
  rows[0].floor_share = 0.4;
  rows[1].floor_share = 0.3;
  rows[2].left_out = {"s/d: crashed"};
  const auto remarks = map_remarks(rows);
  REQUIRE(remarks.size() == 2);
  CHECK_THAT(remarks[0], Catch::StartsWith("in 1 cells more than a third of the leader's service time"));
  CHECK(remarks[1] == "in 1 cells strategies were left out (left_out): s/d: crashed");
}

TEST_CASE("a map keeps to 80 columns, however long names are", "[harness][map_view]") {
  std::vector<MapRow> rows;
  for (const std::uint64_t threads : {1U, 2U, 4U, 16U, 64U, 1024U}) {
    rows.push_back(cell_row(threads, 100, "sharded/a_lock_with_quite_a_long_name", 1.2345));
    rows.push_back(cell_row(threads, 0.5, "sharded/std_shared_mutex", 1.2345, MapVerdict::unresolved));
  }
  std::istringstream lines(printed(rows, Format::table));
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(line.size() <= 80);
  }
  CHECK_THAT(map_legend(rows), Catch::StartsWith("A: sharded/a_lock_with_quite_a_long_name, B: sharded/std"));
}

TEST_CASE("programs get the columns of the file, people the answer beside it", "[harness][map_view]") {
  const TextTable table = map_for_programs(four_cells());
  REQUIRE(table.columns.size() + 1 == reports::map_columns().size());
  for (const auto& row : table.rows) CHECK(row.size() == table.columns.size());
  std::string errors;
  const std::string csv = printed(four_cells(), Format::csv, &errors);
  CHECK_THAT(csv, Catch::StartsWith("run_id,threads,write_share_pct,zipf"));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 5);
  CHECK_THAT(errors, Catch::StartsWith("Of 4 cells 3 have a winner"));
  CHECK_THAT(printed(four_cells(), Format::json), Catch::Contains("\"verdict\": \"resolved\""));
  CHECK_THAT(printed(four_cells(), Format::markdown), Catch::Contains("| 1 % "));
  // A cell of the table is the same as in the file, but for the version that the file begins with.
  std::string cells;
  for (const std::string& cell : table.rows[3]) cells += "," + cell;
  CHECK(reports::map_line(four_cells()[3]) == "1" + cells + "\n");
}

}  // namespace
}  // namespace crosstalk::harness
