// What a comparison found, for people in 80 columns and for programs.
#pragma once

#include <string>
#include <vector>

#include "harness/streams.h"
#include "harness/text_table.h"
#include "harness/tournament_field.h"
#include "reports/block_values.h"
#include "reports/comparison.h"

namespace crosstalk::harness {

// A load with its verdict.
struct JudgedField {
  const LoadField* field = nullptr;
  Look look;
  std::vector<JudgedFigure> figures;  // may be empty: nothing to compare
};
[[nodiscard]] JudgedField judged(const LoadField& field, Look look);

// One sentence: who wins by how much, or what could not be told apart and what could have been seen. Empty where there
// is nothing to compare.
[[nodiscard]] std::string answer(const JudgedField& field);
// Two lines a strategy: its figures, and below them how they stand to the leader's, with the interval. The leader first,
// then in the order of the ranking, then who takes no part, null rows last.
[[nodiscard]] TextTable view(const JudgedField& field);
// What was not told apart and what difference would have been seen; who was left out and why; who stalls.
[[nodiscard]] std::vector<std::string> remarks(const JudgedField& field);
// What the figures are.
[[nodiscard]] std::string legend(const JudgedField& field);

// All of it: the answers on top, then a section per load. Programs' formats have the table alone on standard output, and
// the answers on standard error.
void print_tournament(const std::vector<JudgedField>& fields, Format format, Streams streams);

// One row per load and strategy, every cell a bare number.
[[nodiscard]] TextTable table_for_programs(const std::vector<JudgedField>& fields);
[[nodiscard]] std::vector<reports::ComparisonRow> comparison_rows(const JudgedField& field);
// What was judged: a value per strategy, block and figure.
[[nodiscard]] std::vector<reports::BlockValue> block_values(const JudgedField& field);

}  // namespace crosstalk::harness
