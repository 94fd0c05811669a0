// Reads a results folder back: trials as runs.csv, intervals.csv and clients.csv tell them, and the buckets of latency.csv one by
// one, which may be many. Columns may stand in any order and there may be more of them; what is damaged is refused with file, line
// and reason (see reports/csv_table.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/environment.h"
#include "reports/recorded_trial.h"

namespace crosstalk::reports {

// In the order of runs.csv. Rows of the other files that belong to none of its trials are what a run that was killed left
// behind, and are passed over; intervals.csv and clients.csv may be absent. Throws CsvError.
[[nodiscard]] std::vector<RecordedTrial> read_trials(const std::filesystem::path& folder);
// What runs.csv says, from the bytes of a file that errors call `name`.
[[nodiscard]] std::vector<RecordedTrial> read_trials(const std::string& name, std::string_view bytes);

// Adds what clients.csv says to the trials of read_trials(); `bytes` of a file that errors call `name`. Throws CsvError, also for a
// measure that is not known and a share above 100 %.
void read_clients(const std::string& name, std::string_view bytes, std::vector<RecordedTrial>& trials);

// One row of latency.csv. The texts are valid during the visit only.
struct LatencyRow {
  const RecordedTrial& trial;
  std::string_view op, metric;
  std::uint64_t bucket_low_ns = 0, bucket_high_ns = 0, count = 0;
};
// `trials`: what read_trials() returned. Every row that is visited has a bucket of Histogram's and a count of at most 2^53. Throws
// CsvError once all rows were read, what is wrong with one of them included; an absent file has no rows.
void read_latency(const std::filesystem::path& folder, const std::vector<RecordedTrial>& trials,
                  const std::function<void(const LatencyRow&)>& visit);
// The same of the bytes of a file that errors call `name`.
void read_latency(const std::string& name, std::string_view bytes, const std::vector<RecordedTrial>& trials,
                  const std::function<void(const LatencyRow&)>& visit);

// environment.csv; nothing where there is no such file. A folder that was continued or merged has facts more than once.
// Throws CsvError.
[[nodiscard]] Facts read_environment(const std::filesystem::path& folder);

}  // namespace crosstalk::reports
