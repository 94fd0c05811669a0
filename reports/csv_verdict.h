// What the readers of result files say of some bytes, as text: for tests, which compare it with scripts/crosstalk_csv.py.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "reports/block_values.h"
#include "reports/comparison.h"
#include "reports/csv_reader.h"
#include "reports/csv_table.h"
#include "reports/history.h"
#include "reports/results_reader.h"
#include "reports/schema.h"
#include "reports/winner_map.h"

namespace crosstalk::reports {

// The columns of NAME.csv. Throws CsvError where there is no such file.
[[nodiscard]] inline std::span<const Column> columns_of_file(std::string_view name) {
  for (const ResultFile& file : result_files()) {
    if (file.name.substr(0, file.name.size() - 4) == name) return file.columns;
  }
  throw CsvError("no result file is called " + std::string(name));
}

// A cell as Python writes its value too; one that is not of its kind as it stands, since the row will be refused.
[[nodiscard]] inline std::string value_text(std::string_view cell, CellKind kind) {
  const bool decimal = kind == CellKind::decimal || kind == CellKind::maybe_decimal;
  if (const auto value = real_of(cell); decimal && value) {
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", *value);
    return text;
  }
  const auto value = whole_of(cell, true);
  return kind != CellKind::text && !decimal && value ? std::to_string(*value) : std::string(cell);
}

// What the reader of NAME.csv refuses beyond cells that are not of their kind. Throws CsvError.
inline void check_rows(std::string_view name, const std::string& file, std::string_view bytes) {
  std::vector<RecordedTrial> none;
  if (name == "runs") {
    static_cast<void>(read_runs(file, bytes));
    static_cast<void>(read_trials(file, bytes));
  }
  if (name == "latency") read_latency(file, bytes, none, [](const LatencyRow&) {});
  if (name == "clients") read_clients(file, bytes, none);
  if (name == "comparison") static_cast<void>(read_verdicts(file, bytes));
  if (name == "blocks") static_cast<void>(read_block_values(file, bytes));
  if (name == "map") static_cast<void>(read_map(file, bytes));
  if (name == "history") static_cast<void>(read_history(file, bytes));
}

// "refused FILE:LINE: reason", or "accepted" and a line for each row: the values of all columns in the order of the schema,
// separated by the control character for units.
[[nodiscard]] inline std::string csv_verdict(std::string_view name, std::string_view bytes) {
  const std::string file = std::string(name) + ".csv";
  try {
    const auto columns = columns_of_file(name);
    CsvTable table(file, bytes, columns);
    std::string rows;
    while (table.next()) {
      rows += "\n";
      for (const Column& column : columns) {
        rows += value_text(table.text(table.place_of(column.name)), column.kind) + "\x1F";
      }
    }
    check_rows(name, file, bytes);
    return "accepted" + rows;
  } catch (const CsvError& error) {
    return std::string("refused ") + error.what();
  }
}

}  // namespace crosstalk::reports
