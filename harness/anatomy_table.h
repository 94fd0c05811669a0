// Where the time of each strategy's operations went, for `--anatomy`: medians over trials of the mean parts.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "harness/text_table.h"
#include "reports/run_result.h"

namespace crosstalk::harness {

class AnatomyTable {
 public:
  // Keeps what it needs of a trial with anatomy. Floor rows are passed over.
  void add(const reports::RunResult& result);

  // A line per strategy, configuration and operation kind. The parts add up to the total: each is the median over
  // trials, scaled so that they do.
  [[nodiscard]] TextTable table() const;
  // What the readings themselves cost, strategy by strategy, in a sentence; empty: nobody asked.
  [[nodiscard]] std::string cost() const;
  [[nodiscard]] bool empty() const noexcept { return lines_.empty(); }

 private:
  static constexpr std::size_t kParts = 5;
  struct Line {
    std::string key;       // of the configuration
    std::string strategy;  // and what people read of it
    std::string op;
    std::array<std::vector<double>, kParts> parts;
    std::vector<double> totals;
    std::vector<double> costs_pct;  // of the row all
  };
  Line& line_of(const reports::RunResult& result, const std::string& op);

  std::vector<Line> lines_;
};

}  // namespace crosstalk::harness
