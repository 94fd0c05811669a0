// THE columns of the result files: names, order, meaning. The writer, the reader, `crosstalk list --metrics` and the
// documentation all follow this list. Columns are only ever appended.
#pragma once

#include <span>
#include <string_view>

namespace crosstalk::reports {

struct Column {
  std::string_view name;
  std::string_view meaning;
};

[[nodiscard]] std::span<const Column> runs_columns() noexcept;
[[nodiscard]] std::span<const Column> latency_columns() noexcept;
[[nodiscard]] std::span<const Column> intervals_columns() noexcept;
[[nodiscard]] std::span<const Column> clients_columns() noexcept;
[[nodiscard]] std::span<const Column> environment_columns() noexcept;
[[nodiscard]] std::span<const Column> comparison_columns() noexcept;
[[nodiscard]] std::span<const Column> blocks_columns() noexcept;
[[nodiscard]] std::span<const Column> map_columns() noexcept;

}  // namespace crosstalk::reports
