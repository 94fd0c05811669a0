// blocks.csv: what a comparison judges, one value per strategy, block and metric. From it the verdicts of comparison.csv can be
// had again, by this program or by another one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "reports/tournament.h"

namespace crosstalk::reports {

struct BlockValue {
  std::string run_id;
  std::string load;    // as in comparison.csv
  std::string metric;  // throughput, response_p99, cpu_per_op
  Better better = Better::larger;
  std::string strategy;
  std::uint64_t block = 0;
  double value = 0;  // above 0: operations per second, or nanoseconds
};

[[nodiscard]] std::string block_values_header();
// One line of the file, its end included.
[[nodiscard]] std::string block_values_line(const BlockValue& value);
// Throws CsvError with file, line, column and value; a value that stands there twice is refused too.
[[nodiscard]] std::vector<BlockValue> read_block_values(const std::filesystem::path& file);
[[nodiscard]] std::vector<BlockValue> read_block_values(const std::string& name, std::string_view bytes);

// All values of one run, load and metric.
struct BlockField {
  std::string run_id, load, metric;
  Better better = Better::larger;
  std::vector<Contender> contenders;
};

// In the order in which they appear.
[[nodiscard]] std::vector<BlockField> fields_of(const std::vector<BlockValue>& values);

// The field cut into tournaments of `blocks` (>= 1) blocks each, in order; what is left over is left out.
[[nodiscard]] std::vector<std::vector<Contender>> cut(const BlockField& field, std::size_t blocks);

}  // namespace crosstalk::reports
