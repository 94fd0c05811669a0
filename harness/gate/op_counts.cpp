#include "harness/gate/op_counts.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "reports/paired.h"

namespace crosstalk::harness::gate {

namespace {

using reports::RunRow;

using Cell = std::optional<std::uint64_t> RunRow::*;
struct Countable {
  const char* name;
  Cell cell;
};
// Deliveries are not among them: they are counted over the whole trial, of which the warm-up is as long as the clock says.
constexpr std::array kCountables{Countable{"errors", &RunRow::errors},
                                 Countable{"page faults", &RunRow::faults_minor},
                                 Countable{"waits", &RunRow::switches_voluntary}};

using CountCell = std::optional<double> RunRow::*;
struct Replayed {
  const char* name;
  CountCell cell;
};
constexpr std::array kReplayed{Replayed{"locks", &RunRow::locks_per_op},
                               Replayed{"shared locks", &RunRow::shared_locks_per_op},
                               Replayed{"allocations", &RunRow::allocations_per_op},
                               Replayed{"allocated bytes", &RunRow::allocated_bytes_per_op},
                               Replayed{"pool submits", &RunRow::submits_per_op},
                               Replayed{"wake-ups", &RunRow::wakeups_per_op}};

std::optional<double> median_per_operation(const std::vector<RunRow>& rows, Cell cell) {
  std::vector<double> values;
  for (const RunRow& row : rows) {
    if (row.count > 0 && row.*cell)
      values.push_back(static_cast<double>(*(row.*cell)) / static_cast<double>(row.count));
  }
  if (values.empty()) return std::nullopt;
  return reports::median(std::move(values));
}

// The rows of one kind of operation that hold counts.
std::vector<RunRow> counted_rows(const std::vector<RunRow>& rows, const std::string& op) {
  std::vector<RunRow> found;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(found),
               [&](const RunRow& row) { return row.op == op && row.counted_ops; });
  return found;
}

// What all the rows have; else the median of what they have. Empty: none has it.
struct Agreed {
  std::optional<double> value{};
  bool exact = false;
};
Agreed agreed(const std::vector<RunRow>& rows, CountCell cell) {
  std::vector<double> values;
  bool exact = true;
  for (const RunRow& row : rows) {
    if (!(row.*cell)) continue;
    exact = exact && row.counted_ops == rows.front().counted_ops;
    exact = exact && (values.empty() || values.front() == *(row.*cell));
    values.push_back(*(row.*cell));
  }
  if (values.empty()) return {};
  return {exact ? values.front() : reports::median(values), exact};
}

void add_counts_of(const std::string& op, const std::vector<RunRow>& base, const std::vector<RunRow>& head,
                   std::vector<OpCount>& counts) {
  if (base.empty() || head.empty()) return;
  for (const Replayed& replayed : kReplayed) {
    const Agreed of_base = agreed(base, replayed.cell);
    const Agreed of_head = agreed(head, replayed.cell);
    if (!of_base.value || !of_head.value) continue;
    counts.push_back({.name = replayed.name,
                      .base = *of_base.value,
                      .head = *of_head.value,
                      .op = op,
                      .operations = *base.front().counted_ops,
                      .exact = of_base.exact && of_head.exact});
  }
}

}  // namespace

std::vector<OpCount> op_counts(const std::vector<RunRow>& base, const std::vector<RunRow>& head) {
  std::vector<OpCount> counts;
  for (const Countable& countable : kCountables) {
    const auto old_count = median_per_operation(base, countable.cell);
    const auto new_count = median_per_operation(head, countable.cell);
    if (!old_count || !new_count || (*old_count == 0 && *new_count == 0)) continue;
    counts.push_back({.name = countable.name, .base = *old_count, .head = *new_count});
  }
  return counts;
}

std::vector<OpCount> replayed_counts(const std::vector<RunRow>& base, const std::vector<RunRow>& head) {
  std::vector<std::string> ops;
  for (const RunRow& row : base) {
    if (std::find(ops.begin(), ops.end(), row.op) == ops.end()) ops.push_back(row.op);
  }
  std::vector<OpCount> counts;
  for (const std::string& op : ops) add_counts_of(op, counted_rows(base, op), counted_rows(head, op), counts);
  const Agreed of_base = agreed(counted_rows(base, "all"), &RunRow::contended_locks_pct);
  const Agreed of_head = agreed(counted_rows(head, "all"), &RunRow::contended_locks_pct);
  if (of_base.value && of_head.value)
    counts.push_back({.name = "% of locks contended", .base = *of_base.value, .head = *of_head.value});
  return counts;
}

std::vector<OpCount> grown_counts(const std::vector<OpCount>& counts) {
  std::vector<OpCount> grown;
  for (const Replayed& replayed : kReplayed) {
    std::vector<OpCount> kinds, sum;
    for (const OpCount& count : counts) {
      if (count.name == replayed.name && count.has_grown())
        (count.op == "all" ? sum : kinds).push_back(count);
    }
    std::stable_sort(kinds.begin(), kinds.end(), [](const OpCount& a, const OpCount& b) {
      const auto more = [](const OpCount& count) {
        return (count.head - count.base) * static_cast<double>(count.operations);
      };
      return more(a) > more(b);
    });
    const std::vector<OpCount>& told = kinds.empty() ? sum : kinds;
    grown.insert(grown.end(), told.begin(), told.end());
  }
  return grown;
}

}  // namespace crosstalk::harness::gate
