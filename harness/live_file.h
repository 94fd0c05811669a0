// `--live FILE`: the rows of intervals.csv as they come to be. A slice that has closed is appended at once, what is left of a
// trial when it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/trial_report.h"
#include "reports/csv_writer.h"
#include "reports/run_result.h"

namespace crosstalk::harness {

// The rows of the slices that a running trial has shown so far (live_series.h).
[[nodiscard]] std::vector<reports::Interval> closed_intervals(const TrialReport& report, bool open_loop);

class LiveFile {
 public:
  // Creates the file, or continues one with the same columns. Throws reports::OutputError.
  explicit LiveFile(const std::filesystem::path& path);

  // A trial of the run begins.
  void begin(const std::string& run_id, std::uint64_t trial, bool open_loop);
  // Appends what it has shown since. A failure to write is kept, and nothing is written from then on: the results of the
  // measurement are worth more than the view of it.
  void follow(const TrialReport& report) noexcept;
  // The trial has ended: appends what is left of its intervals.
  void finish(const reports::RunResult& result) noexcept;

  // Why the file could not be written; empty: it could.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

 private:
  void append(const std::vector<reports::Interval>& intervals) noexcept;

  reports::CsvFile file_;
  reports::RunResult trial_;  // its name
  bool open_loop_ = false;
  std::size_t written_ = 0;  // rows of it
  std::string failure_;
};

}  // namespace crosstalk::harness
