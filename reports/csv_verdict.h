// What the readers of result files say of some bytes, as text: for tests, which compare it with scripts/crosstalk_csv.py.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "reports/block_values.h"
#include "reports/csv_reader.h"
#include "reports/csv_table.h"
#include "reports/schema.h"

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
    if (name == "runs") static_cast<void>(read_runs(file, bytes));
    if (name == "blocks") static_cast<void>(read_block_values(file, bytes));
    return "accepted" + rows;
  } catch (const CsvError& error) {
    return std::string("refused ") + error.what();
  }
}

}  // namespace crosstalk::reports
