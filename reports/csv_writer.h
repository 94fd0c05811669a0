// Writes a results folder: runs.csv, latency.csv, intervals.csv, clients.csv, environment.csv.
//
// All files are opened before anything is measured. The rows of one trial are put together in memory and written with
// one call per file, runs.csv last: whatever moment the program dies at, a row in runs.csv means that the trial's other
// rows are there, and at most the last line of a file is torn (it then lacks its newline, and readers refuse it).
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "reports/append_file.h"
#include "reports/csv_text.h"
#include "reports/run_result.h"

namespace crosstalk::reports {

// A CSV file that only grows. Throws OutputError.
class CsvFile {
 public:
  // Creates the file with its header, or continues one with the same header.
  CsvFile(const std::filesystem::path& path, const std::string& header);

  // Appends whole lines; on failure the file keeps its length.
  void append(const std::string& lines) { file_.append(lines); }

 private:
  AppendFile file_;
};

class ResultsWriter {
 public:
  // Creates the folder and its files, or continues the ones there. Throws OutputError.
  explicit ResultsWriter(const std::filesystem::path& folder);

  // All rows of one trial. Throws OutputError.
  void write(const RunResult& result);
  void write_environment(const std::vector<std::pair<std::string, std::string>>& facts);

  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

 private:
  std::filesystem::path folder_;
  CsvFile runs_;
  CsvFile latency_;
  CsvFile intervals_;
  CsvFile clients_;
  CsvFile environment_;
};

// The text of one trial's rows, as write() appends it.
[[nodiscard]] std::string runs_rows(const RunResult& result);
[[nodiscard]] std::string latency_rows(const RunResult& result);
[[nodiscard]] std::string intervals_rows(const RunResult& result);
[[nodiscard]] std::string clients_rows(const RunResult& result);

// The first line of intervals.csv, and of files that hold the same rows.
[[nodiscard]] std::string intervals_header();

}  // namespace crosstalk::reports
