// THE columns of the result files: names, order, kind, meaning. The writer, the readers, `crosstalk list --metrics` and
// COLUMNS.md all follow this list; scripts/crosstalk_csv.py is tested against it. Columns are only ever appended.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace crosstalk::reports {

// What the cells of a column hold. `maybe`: or nothing, which means "not measured" and never zero.
enum class CellKind : std::uint8_t {
  text,
  natural,  // 0 to 2^63 - 1
  maybe_natural,
  word,     // 0 to 2^64 - 1
  decimal,  // finite
  maybe_decimal,
  flag,  // 0 or 1
  maybe_flag,
};

struct Column {
  std::string_view name;
  CellKind kind = CellKind::text;
  std::string_view meaning;
  std::string_view measured;  // how
  std::string_view empty;     // when the cell is
};

// By the end of its name, else by its kind.
[[nodiscard]] std::string_view unit_of(const Column& column) noexcept;

[[nodiscard]] std::span<const Column> runs_columns() noexcept;
[[nodiscard]] std::span<const Column> latency_columns() noexcept;
[[nodiscard]] std::span<const Column> intervals_columns() noexcept;
[[nodiscard]] std::span<const Column> clients_columns() noexcept;
[[nodiscard]] std::span<const Column> environment_columns() noexcept;
[[nodiscard]] std::span<const Column> comparison_columns() noexcept;
[[nodiscard]] std::span<const Column> blocks_columns() noexcept;
[[nodiscard]] std::span<const Column> map_columns() noexcept;
[[nodiscard]] std::span<const Column> capacity_columns() noexcept;
[[nodiscard]] std::span<const Column> history_columns() noexcept;

struct ResultFile {
  std::string_view name;
  std::span<const Column> columns;
};
[[nodiscard]] std::span<const ResultFile> result_files() noexcept;

// The first line of a file of these columns, its end included.
[[nodiscard]] std::string header_of(std::span<const Column> columns);

}  // namespace crosstalk::reports
