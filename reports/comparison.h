// Rows of comparison.csv: the leader of a field against another contender, by one metric.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/tournament.h"

namespace crosstalk::reports {

struct ComparisonRow {
  std::string run_id;
  std::string load;    // what was the same for the whole field: "closed, 5,000 clients, 2 drivers"
  std::string metric;  // throughput, response_p99, cpu_per_op
  std::string value;   // what a trial's value is: "median of 10ms slices"
  Better better = Better::larger;
  std::string leader, other;
  std::optional<double> leader_value, other_value;  // median over the blocks that each of them has
  Duel duel;
  double confidence = kConfidence;  // of the interval by itself
  std::size_t looks = 1;
};

[[nodiscard]] std::string comparison_header();
// One line of the file, its end included.
[[nodiscard]] std::string comparison_line(const ComparisonRow& row);

// What cannot be judged again from the trials: how often the blocks were looked at, and what that cost.
struct RecordedVerdict {
  std::string run_id, load, metric, other;
  double p_holm = 1;
  std::size_t looks = 1;
};
// Throws CsvError, also for verdicts that are no words of an outcome, ratios that are not above 0, and a ratio without p_holm.
[[nodiscard]] std::vector<RecordedVerdict> read_verdicts(const std::filesystem::path& file);
// The same of the bytes of a file that errors call `name`.
[[nodiscard]] std::vector<RecordedVerdict> read_verdicts(const std::string& name, std::string_view bytes);

}  // namespace crosstalk::reports
