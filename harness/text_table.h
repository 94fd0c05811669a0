// A table of text cells, and the forms in which it is printed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::harness {

enum class Format : std::uint8_t { table, markdown, csv, json };
inline constexpr std::array<std::string_view, 4> kFormatWords{"table", "markdown", "csv", "json"};

struct TextTable {
  struct Column {
    std::string name;
    bool numeric = false;  // to the right; a number in JSON
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // each with a cell per column; an empty one is "no value"
};

// table: aligned, cells of text broken at blanks and hyphens so that lines keep to `width` where they can.
// markdown, csv (RFC 4180) and json (an array of objects; a numeric cell that is no number is a text) never
// break a cell. Cells are made printable in every form.
void print_table(std::ostream& out, const TextTable& table, Format format, std::size_t width = 80);

}  // namespace crosstalk::harness
