// A results folder read back and sorted: by load, within it by strategy, the histograms of repetitions added.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/summary.h"
#include "reports/environment.h"
#include "reports/histogram.h"
#include "reports/paired.h"
#include "reports/recorded_trial.h"

namespace crosstalk::harness {

// One strategy under one load.
struct StrategyRecord {
  std::string strategy;
  bool floor = false;
  std::vector<const reports::RecordedTrial*> trials;  // all of them, in the order of runs.csv
  // Of op all, over the trials that were measured soundly; added, so that percentiles of them are those of all values
  // together and no averages. By metric as in latency.csv: service, response, queue, lateness, delivery_first, ...
  std::map<std::string, reports::Histogram> times;

  [[nodiscard]] std::size_t sound_trials() const noexcept;
  // Of the metric; response is service where those are equal (closed loop on the direct path). Null: no values.
  [[nodiscard]] const reports::Histogram* times_of(const std::string& metric) const;
  // The median over sound trials of what `value` says of each; empty where it says nothing.
  template <class Value>
  [[nodiscard]] std::optional<double> median(Value&& value) const;
};

struct LoadRecord {
  LoadName name;
  std::vector<StrategyRecord> strategies;  // in the order in which they appear

  [[nodiscard]] const reports::TrialIdentity& identity() const {
    return strategies.front().trials.front()->identity;
  }
};

class RecordedFolder {
 public:
  // Blocks of several runs in one folder are told apart (reports/block_numbers.h). Throws reports::CsvError, also where the
  // folder has no runs.csv or that has no rows.
  explicit RecordedFolder(const std::filesystem::path& folder);
  RecordedFolder(RecordedFolder&&) = default;  // records point to trials, which do not move with it

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] const std::vector<reports::RecordedTrial>& trials() const noexcept { return trials_; }
  [[nodiscard]] const std::vector<LoadRecord>& loads() const noexcept { return loads_; }
  // The latest value of a fact of environment.csv; empty: there is none.
  [[nodiscard]] std::string fact(const std::string& key) const;
  // Was it measured by `crosstalk compare`?
  [[nodiscard]] bool is_comparison() const;

 private:
  std::filesystem::path path_;
  std::vector<reports::RecordedTrial> trials_;
  reports::Facts facts_;
  std::vector<LoadRecord> loads_;
};

template <class Value>
std::optional<double> StrategyRecord::median(Value&& value) const {
  std::vector<double> values;
  for (const reports::RecordedTrial* trial : trials) {
    if (!trial->sound()) continue;
    if (const std::optional<double> one = value(*trial)) values.push_back(*one);
  }
  if (values.empty()) return std::nullopt;
  return reports::median(values);
}

}  // namespace crosstalk::harness
