// How the strategies of a run stand against its thresholds: one mark for each of both, over the usable trials.
#pragma once

#include <string>
#include <vector>

#include "harness/settings.h"
#include "harness/text_table.h"
#include "reports/run_result.h"
#include "reports/threshold.h"

namespace crosstalk::harness {

// Those that --threshold names. Throws UsageError.
[[nodiscard]] std::vector<reports::Threshold> read_thresholds(const Settings& settings);

class ThresholdTable {
 public:
  explicit ThresholdTable(std::vector<reports::Threshold> thresholds) : thresholds_(std::move(thresholds)) {}

  // Keeps what it needs. Floor rows, and those that are neither ok nor saturated or not verified, are passed over.
  void add(const reports::RunResult& result);

  // A line per strategy, configuration and threshold: the median over its trials is what is judged.
  [[nodiscard]] TextTable table() const;
  // A threshold is crossed too where there is nothing to judge.
  [[nodiscard]] bool crossed() const;
  [[nodiscard]] bool empty() const noexcept { return thresholds_.empty(); }

 private:
  struct Mark {
    std::string key;       // of the configuration
    std::string strategy;  // and what people read of it
    std::size_t threshold = 0;
    std::vector<double> values;
    std::string why_not;  // of a trial without a value
    std::size_t missing = 0;
  };
  struct Verdict {
    bool held = false;
    std::string shown;
  };
  [[nodiscard]] Verdict verdict(const Mark& mark) const;
  Mark& mark_of(const reports::RunResult& result, std::size_t threshold);

  std::vector<reports::Threshold> thresholds_;
  std::vector<Mark> marks_;
};

}  // namespace crosstalk::harness
