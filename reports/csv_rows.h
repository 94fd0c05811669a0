// The rows of a CsvTable, their cells taken one after another in the order in which the reader of the file names its columns. For
// sources of reports/ only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/csv_table.h"

namespace crosstalk::reports {

class CsvRows {
 public:
  // As CsvTable; cells are taken in the order of `read`, or of `columns` where that is empty. Without schema_version, which the table
  // checks.
  CsvRows(std::string name, std::string_view bytes, std::span<const Column> columns,
          std::span<const std::string_view> read = {})
      : table_(std::move(name), bytes, columns, read) {
    for (const std::string_view column : read) take(column);
    if (!read.empty()) return;
    for (const Column& column : columns) take(column.name);
  }

  [[nodiscard]] bool next() {
    at_ = 0;
    return table_.next();
  }

  // The next cell of the row; of one that is not of its kind as CsvTable says it.
  [[nodiscard]] std::string_view text() { return table_.text(places_[at_++]); }
  [[nodiscard]] std::uint64_t whole() { return table_.whole(places_[at_++]); }
  [[nodiscard]] std::optional<std::uint64_t> maybe_whole() { return table_.maybe_whole(places_[at_++]); }
  [[nodiscard]] double real() { return table_.real(places_[at_++]); }
  [[nodiscard]] std::optional<double> maybe_real() { return table_.maybe_real(places_[at_++]); }
  [[nodiscard]] bool flag() { return whole() == 1; }
  // A number that has to be above 0 where there is one; the row is blamed otherwise.
  [[nodiscard]] std::optional<double> maybe_positive(std::size_t rank, std::string_view column) {
    const std::string_view cell = table_.text(places_[at_]);
    const auto value = maybe_real();
    if (value && *value <= 0)
      blame(rank, std::string(column) + ": must be above 0, got " + std::string(cell));
    return value;
  }

  void blame(std::size_t rank, std::string reason) { table_.blame(rank, std::move(reason)); }
  [[nodiscard]] std::uint64_t line() const noexcept { return table_.line(); }

 private:
  void take(std::string_view column) {
    if (column != "schema_version") places_.push_back(table_.place_of(column));
  }

  CsvTable table_;
  std::vector<std::size_t> places_;
  std::size_t at_ = 0;
};

}  // namespace crosstalk::reports
