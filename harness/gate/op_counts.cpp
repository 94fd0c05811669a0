#include "harness/gate/op_counts.h"

#include <array>
#include <cstdint>

#include "reports/paired.h"

namespace crosstalk::harness::gate {

namespace {

using Cell = std::optional<std::uint64_t> reports::RunRow::*;
struct Countable {
  const char* name;
  Cell cell;
};
// Deliveries are not among them: they are counted over the whole trial, of which the warm-up is as long as the clock says.
constexpr std::array kCountables{Countable{"errors", &reports::RunRow::errors},
                                 Countable{"page faults", &reports::RunRow::faults_minor},
                                 Countable{"waits", &reports::RunRow::switches_voluntary}};

std::optional<double> median_per_operation(const std::vector<reports::RunRow>& rows, Cell cell) {
  std::vector<double> values;
  for (const reports::RunRow& row : rows) {
    if (row.count > 0 && row.*cell)
      values.push_back(static_cast<double>(*(row.*cell)) / static_cast<double>(row.count));
  }
  if (values.empty()) return std::nullopt;
  return reports::median(std::move(values));
}

}  // namespace

std::vector<OpCount> op_counts(const std::vector<reports::RunRow>& base,
                               const std::vector<reports::RunRow>& head) {
  std::vector<OpCount> counts;
  for (const Countable& countable : kCountables) {
    const auto old_count = median_per_operation(base, countable.cell);
    const auto new_count = median_per_operation(head, countable.cell);
    if (!old_count || !new_count || (*old_count == 0 && *new_count == 0)) continue;
    counts.push_back({countable.name, *old_count, *new_count});
  }
  return counts;
}

}  // namespace crosstalk::harness::gate
