// What a gate adds to history.csv: a row for each scenario and metric, with where and of what it was measured.
#pragma once

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/gate/gate_report.h"
#include "reports/environment.h"
#include "reports/history.h"

namespace crosstalk::harness::gate {

struct HistoryOrigin {
  std::time_t time = 0;  // of the rows
  std::string machine, kernel;
  std::string anchor_hash;
  std::uint64_t block_ns = 0;
};

// "AMD EPYC 7763, 2 CPUs, x86_64"; "2 of 8 CPUs" where others may not be used. Not the kernel: both programs of a pair run under
// the same one, and a series that began anew with each update would never say anything.
[[nodiscard]] std::string machine_key(const reports::Facts& facts);

// 16 digits of the bytes of all links, in whatever order they are named. Throws UsageError for a file that cannot be read.
[[nodiscard]] std::string hash_of_programs(std::span<const std::filesystem::path> links);

// The commit in "crosstalk 1.0.0 (commit 0123abc, g++ 12.2, Release)"; empty: it names none.
[[nodiscard]] std::string commit_in(std::string_view version);

// Scenario, strategy, path, drivers, clients and the length of a block: what must be the same for losses to be comparable.
[[nodiscard]] std::string work_of(const Contest& contest, std::uint64_t block_ns);

// None for a gate that ended before its verdict. Without the geometric mean, which is made of the other rows and of other
// scenarios where others are asked for. Contaminated rows are among them: whoever reads them knows that a night was lost.
[[nodiscard]] std::vector<reports::HistoryRow> history_rows(const GateReport& report,
                                                            const HistoryOrigin& origin);

}  // namespace crosstalk::harness::gate
