// How the strategies of a run stand against its thresholds: one mark for each of both, over the usable trials.
#pragma once

#include <string>
#include <vector>

#include "harness/settings.h"
#include "harness/streams.h"
#include "harness/text_table.h"
#include "reports/run_result.h"
#include "reports/threshold.h"

namespace crosstalk::harness {

// Those that --threshold names, or the scenario. Where null/null alone of `strategies` is measured they would judge nothing: the
// scenario's are then passed over, others refused. Throws UsageError.
[[nodiscard]] std::vector<reports::Threshold> read_thresholds(const Settings& settings,
                                                              const std::vector<std::string>& strategies);
// What is said where a threshold would judge nothing.
inline constexpr const char* kJudgesNothing =
    ": judges nothing here: null/null is the harness's own cost, and no strategy";

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

// Beside the results where those are for people; else they alone are standard output.
void print_thresholds(const ThresholdTable& thresholds, Format format, Streams streams);

}  // namespace crosstalk::harness
