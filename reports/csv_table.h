// A result file whose columns are known (reports/schema.h), line by line: the strict reader under all readers of results. For
// sources of reports/ and its tests only. Lines come from Fast C++ CSV Parser; cells are taken apart and converted here, since that
// library takes an empty number for 0, rounds decimals its own way, and lets a quote stand anywhere.
//
// Accepted: columns in any order, columns that are not known, CRLF, a UTF-8 byte order mark, no rows at all. Refused, as by
// scripts/crosstalk_csv.py and with the same line: NUL, UTF-16, what is not UTF-8, a last line that is cut off, a carriage return or a
// newline within a line, a quote within a cell, too few or too many cells, a column that is missing or stands twice, and every cell
// of a known column that is not of its kind. Of several faults the first of that list is told; of faults in cells the one in the
// foremost column of the file, and there the one in the first line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/csv_reader.h"
#include "reports/schema.h"

namespace crosstalk::reports {

// The whole file. Throws CsvError.
[[nodiscard]] std::string bytes_of(const std::filesystem::path& file);

class CsvTable {
 public:
  // `name` stands in errors; `bytes` has to outlive the table. `needed`: the columns without which the file is refused; empty: all of
  // `columns`. Throws CsvError for what is wrong with the bytes or the header.
  CsvTable(std::string name, std::string_view bytes, std::span<const Column> columns,
           std::span<const std::string_view> needed = {});
  ~CsvTable();
  CsvTable(const CsvTable&) = delete;
  CsvTable& operator=(const CsvTable&) = delete;

  // The next row; false behind the last one. Throws CsvError: at once for a line of the wrong shape, at the end for a cell.
  [[nodiscard]] bool next();

  // Where a column stands in the file; it has to be known and, if not needed, to be there.
  [[nodiscard]] std::size_t place_of(std::string_view column) const;
  // The same of a column that may be missing.
  [[nodiscard]] std::optional<std::size_t> maybe_place_of(std::string_view column) const;

  // Cells of the row, by place; numbers of columns of that kind only. A cell that is not of its kind is 0, or nothing, until next()
  // ends the reading.
  [[nodiscard]] std::string_view text(std::size_t place) const { return cells_[place]; }
  [[nodiscard]] std::uint64_t whole(std::size_t place) const { return wholes_[place].value_or(0); }
  [[nodiscard]] std::optional<std::uint64_t> maybe_whole(std::size_t place) const { return wholes_[place]; }
  [[nodiscard]] double real(std::size_t place) const { return reals_[place].value_or(0); }
  [[nodiscard]] std::optional<double> maybe_real(std::size_t place) const { return reals_[place]; }

  // The row is wrong as the reader of the file sees it: told by next() at the end, unless something above is wrong too. Of several
  // such faults the one with the lowest rank is told.
  void blame(std::size_t rank, std::string reason);

  [[nodiscard]] std::uint64_t line() const noexcept { return line_; }
  // For tests: as if so many lines stood before the next one.
  void pretend_lines(std::uint64_t lines) noexcept { line_ = lines; }

 private:
  struct Lines;

  void read_header(std::span<const std::string_view> needed);
  [[nodiscard]] char* next_line();
  void take_numbers();
  [[nodiscard]] bool take_number(std::size_t place);
  void keep_fault(std::size_t rank, std::string reason);
  [[noreturn]] void fail(const std::string& reason) const { fail_at(line_, reason); }
  [[noreturn]] void fail_at(std::uint64_t line, const std::string& reason) const;

  struct Fault {
    std::size_t rank = std::numeric_limits<std::size_t>::max();
    std::uint64_t line = 0;
    std::string reason;
  };

  std::string name_;
  std::span<const Column> columns_;
  std::unique_ptr<Lines> lines_;
  // The library counts lines in 32 bits.
  std::uint64_t line_ = 0;
  std::vector<const Column*> header_;  // by place in the file; null: not known
  std::vector<std::size_t> checked_;   // places of columns that not any text will do for
  std::size_t version_ = 0;            // place of schema_version
  std::vector<std::string_view> cells_;
  std::vector<std::optional<std::uint64_t>> wholes_;  // by place, of columns of such a kind
  std::vector<std::optional<double>> reals_;
  Fault fault_;
};

// The value of a cell, or nothing where it has none of this kind. A word has 64 bits, any other whole number 63.
[[nodiscard]] std::optional<std::uint64_t> whole_of(std::string_view cell, bool word = false) noexcept;
[[nodiscard]] std::optional<double> real_of(std::string_view cell) noexcept;

// A cell as it may stand in a message: in quotes, in one line, and not a screenful.
[[nodiscard]] std::string quoted_cell(std::string_view cell);

}  // namespace crosstalk::reports
