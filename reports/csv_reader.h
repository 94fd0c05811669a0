// Reads runs.csv back. Columns may stand in any order and there may be more of them; a file that is damaged is refused with file,
// line and reason (see reports/csv_table.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "reports/run_result.h"

namespace crosstalk::reports {

// FILE:LINE: reason
class CsvError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What comparing needs of a row; percentiles in nanoseconds.
struct RunRow {
  std::string run_id;
  std::uint64_t block = 0;
  std::uint64_t trial = 0;
  std::string role;
  Status status = Status::ok;
  std::optional<bool> verified;
  std::string trace_hash;
  std::string strategy;
  std::string load_model;
  std::string op;
  double achieved_ops_s = 0;
  std::uint64_t count = 0;
  std::optional<std::uint64_t> service_p50_ns, response_p50_ns, response_p99_ns;
  double cpu_user_s = 0, cpu_system_s = 0;
  // Empty too where the file is of a program that did not measure it.
  std::optional<std::uint64_t> delivery_last_p99_ns, errors, faults_minor, switches_voluntary,
      switches_involuntary, repeats;
  std::optional<double> steal_pct, foreign_cpu_pct;  // what others took of the processors
  std::optional<std::uint64_t> counted_ops;
  // Of an operation, as counted (OpCounts); the last one is of all acquisitions, and not exact.
  std::optional<double> locks_per_op, shared_locks_per_op, allocations_per_op, allocated_bytes_per_op,
      submits_per_op, wakeups_per_op, contended_locks_pct;
};

// Throws CsvError, also for a row that stands there twice. Columns that RunRow has no member for may be missing.
[[nodiscard]] std::vector<RunRow> read_runs(const std::filesystem::path& file);
// The same of the bytes of a file that errors call `name`.
[[nodiscard]] std::vector<RunRow> read_runs(const std::string& name, std::string_view bytes);

}  // namespace crosstalk::reports
