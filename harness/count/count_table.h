// What an operation of each strategy does, for `--count`: exact counts of its replay, and the median over trials of the share of
// acquisitions that found a lock taken.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/text_table.h"
#include "reports/run_result.h"

namespace crosstalk::harness::count {

class CountTable {
 public:
  // Keeps what it needs of a trial with counts. Floor rows are passed over.
  void add(const reports::RunResult& result);

  // Of each strategy and configuration, by its name: a line per kind of operation; an empty cell is what could not be counted.
  [[nodiscard]] std::vector<std::pair<std::string, TextTable>> tables() const;
  [[nodiscard]] bool empty() const noexcept { return lines_.empty(); }

 private:
  struct Line {
    std::string key;       // of the configuration
    std::string strategy;  // and what people read of it
    std::string op;
    reports::OpCounts counts;
    std::vector<double> contended;  // of each trial that knows it
  };

  std::vector<Line> lines_;
};

}  // namespace crosstalk::harness::count
