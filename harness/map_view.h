// A map of winners, for people in 80 columns and for programs.
#pragma once

#include <string>
#include <vector>

#include "harness/streams.h"
#include "harness/text_table.h"
#include "reports/winner_map.h"

namespace crosstalk::harness {

// One sentence: how many cells have a winner, who wins how many, and along which axis the winner changes most.
[[nodiscard]] std::string map_answer(const std::vector<reports::MapRow>& rows);

// A grid for each combination of members and outside work: write share and Zipf exponent go down, drivers across. A cell
// holds the winner and its lead over the runner-up, or "~" and who is ahead where nothing is resolved.
struct MapGrid {
  std::string title;
  TextTable table;
};
[[nodiscard]] std::vector<MapGrid> map_grids(const std::vector<reports::MapRow>& rows);

// What the cells' signs mean; names that letters stand for, where the grids would else be too wide.
[[nodiscard]] std::string map_legend(const std::vector<reports::MapRow>& rows);

// Where each strategy wins: a sentence per winner, the one with most cells first.
[[nodiscard]] std::vector<std::string> map_winners(const std::vector<reports::MapRow>& rows);

// Where the harness itself is in the way, and who was left out: for standard error.
[[nodiscard]] std::vector<std::string> map_remarks(const std::vector<reports::MapRow>& rows);

// The columns of map.csv, every cell a bare number or a name.
[[nodiscard]] TextTable map_for_programs(const std::vector<reports::MapRow>& rows);

// All of it. Programs' formats have the table alone on standard output, and the answer on standard error.
void print_map(const std::vector<reports::MapRow>& rows, Format format, Streams streams);

}  // namespace crosstalk::harness
