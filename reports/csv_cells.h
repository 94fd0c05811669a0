// What readers of result files share, around Fast C++ CSV Parser: for sources of reports/ only.
#pragma once

// The library starts a reading thread of its own unless told not to.
#define CSV_IO_NO_THREAD
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <libfccp/csv.h>
#pragma GCC diagnostic pop

#include <charconv>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "reports/csv_reader.h"

namespace crosstalk::reports {

template <unsigned columns>
using CellReader = io::CSVReader<columns, io::trim_chars<>, io::double_quote_escape<',', '"'>>;

// Cells are read as text and converted here: the library takes an empty integer cell for 0 and rounds decimals its own
// way. Errors are CsvError with file, line, column and value.
template <unsigned columns>
class CsvCells {
 public:
  CsvCells(std::string file, const CellReader<columns>& reader) : file_(std::move(file)), reader_(reader) {}

  template <class T>
  T number(const char* column, const char* text) const {
    T value{};
    const char* end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, value);
    if (error != std::errc() || stop != end || text == end || !finite(static_cast<double>(value))) {
      fail(std::string(column) + ": not a number: '" + text + "'");
    }
    return value;
  }
  template <class T>
  std::optional<T> maybe(const char* column, const char* text) const {
    if (*text == '\0') return std::nullopt;
    return number<T>(column, text);
  }
  void check_version(const char* text) const {
    if (number<int>("schema_version", text) != kSchemaVersion)
      fail("schema_version: must be " + std::to_string(kSchemaVersion) + ", got " + text);
  }
  [[noreturn]] void fail(const std::string& reason) const {
    throw CsvError(file_ + ":" + std::to_string(reader_.get_file_line()) + ": " + reason);
  }

 private:
  static bool finite(double value) { return value - value == 0; }

  std::string file_;
  const CellReader<columns>& reader_;
};

// What the library cannot see or would misread: NUL ends its lines, a torn last line looks complete. Throws CsvError.
void check_bytes(const std::string& file);

}  // namespace crosstalk::reports
