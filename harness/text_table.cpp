#include "harness/text_table.h"

#include <algorithm>
#include <numeric>

#include "harness/json_text.h"
#include "harness/markdown_text.h"
#include "harness/printable.h"
#include "reports/csv_text.h"

namespace crosstalk::harness {

namespace {

using Column = TextTable::Column;
using Row = std::vector<std::string>;

constexpr std::size_t kGap = 2;  // blanks between columns

// Characters; those that are drawn wide or not at all count as one.
std::size_t width_of(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

// What a line may not break: a word, or its part up to a hyphen. Names, which hold a '/' or stand in the
// first column, are whole: people copy them.
struct Piece {
  std::string_view text;
  bool blank_behind = false;
};

std::vector<Piece> pieces_of(std::string_view text, bool at_hyphens) {
  std::vector<Piece> pieces;
  while (!text.empty()) {
    const auto end = text.find(' ');
    std::string_view word = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    while (at_hyphens && word.find('/') == std::string_view::npos) {
      const auto hyphen = word.find('-');
      if (hyphen == std::string_view::npos || hyphen == 0 || hyphen + 1 == word.size()) break;
      pieces.push_back({word.substr(0, hyphen + 1), false});
      word.remove_prefix(hyphen + 1);
    }
    pieces.push_back({word, true});
  }
  return pieces;
}

std::size_t longest_piece(std::string_view text, bool at_hyphens) {
  std::size_t longest = 0;
  for (const Piece& piece : pieces_of(text, at_hyphens)) longest = std::max(longest, width_of(piece.text));
  return longest;
}

std::vector<std::string> broken(std::string_view text, std::size_t width, bool at_hyphens) {
  std::vector<std::string> lines(1);
  bool blank = false;  // before the next piece, if it stands in the same line
  for (const Piece& piece : pieces_of(text, at_hyphens)) {
    std::string& line = lines.back();
    if (!line.empty() && width_of(line) + (blank ? 1 : 0) + width_of(piece.text) > width) {
      lines.emplace_back(piece.text);
    } else {
      line += blank && !line.empty() ? " " : "";
      line += piece.text;
    }
    blank = piece.blank_behind;
  }
  return lines;
}

std::string padded(const std::string& text, std::size_t width, bool to_the_right) {
  const std::string blanks(width - std::min(width, width_of(text)), ' ');
  return to_the_right ? blanks + text : text + blanks;
}

std::size_t total(const std::vector<std::size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), std::size_t{0}) + kGap * (widths.size() - 1);
}

// Takes from the widest column of text what it can spare, until the table fits or nothing is left to take.
std::vector<std::size_t> fitted(const std::vector<Row>& lines, const std::vector<Column>& columns,
                                std::size_t width) {
  std::vector<std::size_t> widths(columns.size());
  std::vector<std::size_t> least(columns.size());
  for (const Row& line : lines) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(line[i]));
      least[i] = std::max(least[i], columns[i].numeric ? width_of(line[i]) : longest_piece(line[i], i > 0));
    }
  }
  while (total(widths) > width) {
    std::size_t widest = columns.size();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (widths[i] > least[i] && (widest == columns.size() || widths[i] > widths[widest])) widest = i;
    }
    if (widest == columns.size()) break;
    --widths[widest];
  }
  return widths;
}

void print_line(std::ostream& out, const Row& line, const std::vector<Column>& columns,
                const std::vector<std::size_t>& widths) {
  std::vector<std::vector<std::string>> cells;
  std::size_t height = 1;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    cells.push_back(broken(line[i], widths[i], i > 0));
    height = std::max(height, cells.back().size());
  }
  for (std::size_t row = 0; row < height; ++row) {
    std::string text;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string cell = row < cells[i].size() ? cells[i][row] : "";
      text += std::string(i == 0 ? 0 : kGap, ' ') + padded(cell, widths[i], columns[i].numeric);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out << text << '\n';
  }
}

void print_aligned(std::ostream& out, const TextTable& table, std::size_t width) {
  std::vector<Row> lines(1);
  for (const Column& column : table.columns) lines.front().push_back(printable(column.name));
  for (const Row& row : table.rows) {
    Row& line = lines.emplace_back();
    for (const std::string& cell : row) line.push_back(printable(cell));
  }
  const auto widths = fitted(lines, table.columns, width);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    print_line(out, lines[i], table.columns, widths);
    if (i > 0) continue;
    std::string rule;
    for (const std::size_t w : widths)
      rule += (rule.empty() ? "" : std::string(kGap, ' ')) + std::string(w, '-');
    out << rule << '\n';
  }
}

void print_markdown(std::ostream& out, const TextTable& table) {
  for (const Column& column : table.columns) out << "| " << markdown_text(column.name) << ' ';
  out << "|\n";
  for (const Column& column : table.columns) out << (column.numeric ? "| ---: " : "| --- ");
  out << "|\n";
  for (const Row& row : table.rows) {
    for (const std::string& cell : row) out << "| " << markdown_text(cell) << ' ';
    out << "|\n";
  }
}

void print_csv(std::ostream& out, const TextTable& table) {
  reports::CsvText text;
  for (const Column& column : table.columns) text.cell(printable(column.name));
  text.end_row();
  for (const Row& row : table.rows) {
    for (const std::string& cell : row) text.cell(printable(cell));
    text.end_row();
  }
  out << text.text();
}

void print_json(std::ostream& out, const TextTable& table) {
  out << "[";
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    out << (row == 0 ? "\n  {" : ",\n  {");
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const std::string& cell = table.rows[row][i];
      const bool number = table.columns[i].numeric && is_json_number(cell);
      const std::string value = number ? cell : json_text(cell);
      out << (i == 0 ? "" : ", ") << json_text(table.columns[i].name) << ": "
          << (cell.empty() ? "null" : value);
    }
    out << "}";
  }
  out << (table.rows.empty() ? "]\n" : "\n]\n");
}

}  // namespace

void print_table(std::ostream& out, const TextTable& table, Format format, std::size_t width) {
  switch (format) {
    case Format::table:
      print_aligned(out, table, width);
      break;
    case Format::markdown:
      print_markdown(out, table);
      break;
    case Format::csv:
      print_csv(out, table);
      break;
    case Format::json:
      print_json(out, table);
      break;
  }
}

}  // namespace crosstalk::harness
