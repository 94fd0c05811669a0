#include "reports/csv_table.h"

// The library starts a reading thread of its own unless told not to.
#define CSV_IO_NO_THREAD
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <libfccp/csv.h>
#pragma GCC diagnostic pop

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <utility>

#include "reports/csv_bytes.h"
#include "reports/run_result.h"

namespace crosstalk::reports {

namespace {

// 2^63 - 1 has 19 digits; more than 20 are no number that any program wrote.
constexpr std::size_t kLongestWhole = 20;

// The power of ten of the first digit that is not 0, roughly: enough to tell what is too small from what is too large.
long magnitude_of(std::string_view number) noexcept {
  const std::size_t e = std::min(number.find_first_of("eE"), number.size());
  long exponent = 0;
  if (e < number.size()) {
    std::string_view digits = number.substr(e + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (error != std::errc()) exponent = digits.starts_with('-') ? -1'000'000'000 : 1'000'000'000;
  }
  const std::string_view mantissa = number.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = std::min(mantissa.find_first_of("123456789"), mantissa.size());
  return exponent + static_cast<long>(point) - static_cast<long>(first);
}

// What a cell of a kind must be, as an error says it.
const char* demand_of(CellKind kind) noexcept {
  switch (kind) {
    case CellKind::text:
      return "must be text";
    case CellKind::maybe_flag:
    case CellKind::flag:
      return "must be 0 or 1";
    case CellKind::maybe_decimal:
    case CellKind::decimal:
      return "must be a number";
    case CellKind::word:
      return "must be a whole number from 0 to 18446744073709551615";
    case CellKind::maybe_natural:
    case CellKind::natural:
      return "must be a whole number from 0 to 9223372036854775807";
  }
  return "";
}

// Takes a quoted cell, whose first quote stands at `text`, out of its quotes in place. Returns where its last quote stood, or null.
char* unquote(char* text, std::string_view& cell) {
  char* to = text;
  for (char* from = text + 1; *from != '\0'; ++from) {
    if (*from == '"') {
      if (from[1] != '"') {
        cell = {text, static_cast<std::size_t>(to - text)};
        return from;
      }
      ++from;
    }
    *to++ = *from;
  }
  return nullptr;
}

// The cells of a line; false where a quote stands where none may.
bool take_apart(char* line, std::vector<std::string_view>& cells) {
  cells.clear();
  for (char* at = line;; ++at) {
    if (*at == '"') {
      std::string_view cell;
      at = unquote(at, cell);
      if (at == nullptr) return false;
      cells.push_back(cell);
      ++at;
    } else {
      // Cells are too short for strcspn() to pay.
      const char* const begin = at;
      while (*at != ',' && *at != '"' && *at != '\0') ++at;
      cells.emplace_back(begin, static_cast<std::size_t>(at - begin));
    }
    if (*at == '\0') return true;
    if (*at != ',') return false;
  }
}

}  // namespace

std::string quoted_cell(std::string_view cell) {
  std::string text(cell.substr(0, 60));
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  std::replace_if(text.begin(), text.end(), is_control, '?');
  return "'" + text + (cell.size() > 60 ? "'..." : "'");
}

struct CsvTable::Lines {
  Lines(const std::string& name, std::string_view bytes)
      : reader(name, bytes.data(), bytes.data() + bytes.size()) {}
  io::LineReader reader;
};

std::optional<std::uint64_t> whole_of(std::string_view cell, bool word) noexcept {
  std::uint64_t value = 0;
  // Nearly all are so short that nothing can overflow.
  if (cell.size() < 19) {
    for (const char c : cell) {
      if (c < '0' || c > '9') return std::nullopt;
      value = 10 * value + static_cast<std::uint64_t>(c - '0');
    }
    return cell.empty() ? std::nullopt : std::optional(value);
  }
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  const bool whole = error == std::errc() && end == cell.data() + cell.size() && cell.size() <= kLongestWhole;
  if (!whole || (!word && value > std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  return value;
}

std::optional<double> real_of(std::string_view cell) noexcept {
  // The words nan and inf are numbers for from_chars.
  const std::size_t first = cell.starts_with('-') ? 1 : 0;
  if (first >= cell.size() || (cell[first] != '.' && (cell[first] < '0' || cell[first] > '9')))
    return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (end != cell.data() + cell.size()) return std::nullopt;
  if (error == std::errc()) return value;
  // Too small to be told from 0 is 0; too large is no number.
  if (error == std::errc::result_out_of_range && magnitude_of(cell) < 0) return first == 1 ? -0.0 : 0.0;
  return std::nullopt;
}

std::string bytes_of(const std::filesystem::path& path) {
  const auto refuse = [&path] {
    throw CsvError(path.string() + ": cannot be opened: " + std::strerror(errno));
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) refuse();
  std::string bytes;
  for (std::size_t got = 1; got > 0;) {
    constexpr std::size_t kBlock = std::size_t{1} << 20;
    const std::size_t before = bytes.size();
    bytes.resize(before + kBlock);
    got = std::fread(bytes.data() + before, 1, kBlock, file.get());
    bytes.resize(before + got);
  }
  if (std::ferror(file.get()) != 0) refuse();
  return bytes;
}

CsvTable::CsvTable(std::string name, std::string_view bytes, std::span<const Column> columns,
                   std::span<const std::string_view> needed)
    : name_(std::move(name)), columns_(columns) {
  if (const auto fault = fault_of_bytes(bytes)) fail_at(fault->line, fault->reason);
  lines_ = std::make_unique<Lines>(name_, bytes);
  read_header(needed);
}

CsvTable::~CsvTable() = default;

void CsvTable::fail_at(std::uint64_t line, const std::string& reason) const {
  throw CsvError(name_ + ":" + std::to_string(line) + ": " + reason);
}

char* CsvTable::next_line() {
  ++line_;
  try {
    return lines_->reader.next_line();
  } catch (const io::error::line_length_limit_exceeded&) {
    fail("the line is longer than 16777215 bytes");
  }
}

void CsvTable::read_header(std::span<const std::string_view> needed) {
  if (!take_apart(next_line(), cells_)) fail("a quote that is not closed, or stands within a cell");
  const auto require_column = [this](std::string_view wanted) {
    if (std::find(cells_.begin(), cells_.end(), wanted) == cells_.end())
      fail("column missing: " + std::string(wanted));
  };
  for (const std::string_view wanted : needed) require_column(wanted);
  if (needed.empty()) {
    for (const Column& column : columns_) require_column(column.name);
  }
  std::vector<std::string_view> sorted = cells_;
  std::sort(sorted.begin(), sorted.end());
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
    fail("column twice: " + quoted_cell(*twice));
  for (const std::string_view cell : cells_) {
    const auto known = std::find_if(columns_.begin(), columns_.end(),
                                    [&cell](const Column& column) { return column.name == cell; });
    if (known != columns_.end() && known->name == "schema_version") version_ = header_.size();
    if (known != columns_.end() && known->kind != CellKind::text) checked_.push_back(header_.size());
    header_.push_back(known == columns_.end() ? nullptr : &*known);
  }
  wholes_.resize(header_.size());
  reals_.resize(header_.size());
}

bool CsvTable::next() {
  char* const line = next_line();
  if (line == nullptr) {
    if (fault_.line > 0) fail_at(fault_.line, fault_.reason);
    return false;
  }
  if (!take_apart(line, cells_)) fail("a quote that is not closed, or stands within a cell");
  if (cells_.size() != header_.size()) {
    fail(std::to_string(cells_.size()) + " cells, but the header has " + std::to_string(header_.size()));
  }
  take_numbers();
  return true;
}

void CsvTable::take_numbers() {
  for (const std::size_t i : checked_) {
    if (!take_number(i)) [[unlikely]] {
      keep_fault(i, std::string(header_[i]->name) + ": " + demand_of(header_[i]->kind) + ", got " +
                        quoted_cell(cells_[i]));
    } else if (i == version_ && whole(i) != static_cast<std::uint64_t>(kSchemaVersion)) {
      keep_fault(header_.size(), "schema_version: must be " + std::to_string(kSchemaVersion) + ", got " +
                                     std::string(cells_[i]));
    }
  }
}

// False where the cell is not of its kind.
bool CsvTable::take_number(std::size_t place) {
  const std::string_view cell = cells_[place];
  switch (header_[place]->kind) {
    case CellKind::text:
      return true;
    case CellKind::decimal:
      return (reals_[place] = real_of(cell)).has_value();
    case CellKind::maybe_decimal:
      return (reals_[place] = real_of(cell)).has_value() || cell.empty();
    case CellKind::flag:
    case CellKind::maybe_flag: {
      const bool known = cell == "0" || cell == "1";
      wholes_[place] = known ? whole_of(cell) : std::nullopt;
      return known || (cell.empty() && header_[place]->kind == CellKind::maybe_flag);
    }
    case CellKind::word:
      return (wholes_[place] = whole_of(cell, true)).has_value();
    case CellKind::natural:
      return (wholes_[place] = whole_of(cell)).has_value();
    case CellKind::maybe_natural:
      return (wholes_[place] = whole_of(cell)).has_value() || cell.empty();
  }
  return true;
}

void CsvTable::blame(std::size_t rank, std::string reason) {
  keep_fault(header_.size() + 1 + rank, std::move(reason));
}

void CsvTable::keep_fault(std::size_t rank, std::string reason) {
  if (rank < fault_.rank) fault_ = {rank, line_, std::move(reason)};
}

std::optional<std::size_t> CsvTable::maybe_place_of(std::string_view column) const {
  const auto found = std::find_if(header_.begin(), header_.end(), [&column](const Column* known) {
    return known != nullptr && known->name == column;
  });
  if (found == header_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header_.begin());
}

std::size_t CsvTable::place_of(std::string_view column) const {
  const auto place = maybe_place_of(column);
  if (!place) throw std::logic_error("a column that was not asked for: " + std::string(column));
  return *place;
}

}  // namespace crosstalk::reports
