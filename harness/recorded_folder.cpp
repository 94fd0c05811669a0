#include "harness/recorded_folder.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>

#include "harness/printable.h"
#include "reports/block_numbers.h"
#include "reports/csv_reader.h"
#include "reports/results_reader.h"

namespace crosstalk::harness {

namespace {

using reports::RecordedTrial;

template <class All, class Is, class Make>
auto& found_or_made(All& all, Is&& is, Make&& make) {
  const auto found = std::find_if(all.begin(), all.end(), is);
  return found != all.end() ? *found : all.emplace_back(make());
}

void sort_in(std::vector<LoadRecord>& loads, const RecordedTrial& trial) {
  LoadName name = load_name_of(trial);
  LoadRecord& load = found_or_made(
      loads, [&](const LoadRecord& each) { return each.name.key == name.key; },
      [&] { return LoadRecord{.name = name, .strategies = {}}; });
  StrategyRecord& record = found_or_made(
      load.strategies, [&](const StrategyRecord& each) { return each.strategy == trial.identity.strategy; },
      [&] {
        return StrategyRecord{.strategy = trial.identity.strategy,
                              .floor = trial.identity.role == "floor",
                              .trials = {},
                              .times = {}};
      });
  record.trials.push_back(&trial);
}

// Rows of one histogram stand together: they are put back into one, which then is added to its strategy's.
class HistogramAdder {
 public:
  explicit HistogramAdder(std::vector<LoadRecord>& loads) {
    for (LoadRecord& load : loads) {
      for (StrategyRecord& record : load.strategies) {
        for (const RecordedTrial* trial : record.trials) record_of_[trial] = &record;
      }
    }
  }
  void add(const reports::LatencyRow& row) {
    if (row.op != "all" || !row.trial.sound()) return;
    if (&row.trial != trial_ || row.metric != metric_) {
      flush();
      trial_ = &row.trial;
      metric_ = row.metric;
    }
    values_.restore(row.bucket_low_ns, row.bucket_high_ns, row.count);
  }
  void flush() {
    if (values_.empty()) return;
    const reports::RecordedOp& all = trial_->all();
    const reports::RecordedTimes known = metric_ == "service"    ? all.service
                                         : metric_ == "response" ? all.response
                                                                 : reports::RecordedTimes{};
    if (known.max_ns && known.mean_ns) values_.refine(*known.max_ns, static_cast<double>(*known.mean_ns));
    record_of_.at(trial_)->times[metric_].merge(values_);
    values_.clear();
  }

 private:
  std::unordered_map<const RecordedTrial*, StrategyRecord*> record_of_;
  const RecordedTrial* trial_ = nullptr;
  std::string metric_;
  reports::Histogram values_;
};

}  // namespace

std::size_t StrategyRecord::sound_trials() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(trials.begin(), trials.end(), [](const RecordedTrial* trial) { return trial->sound(); }));
}

const reports::Histogram* StrategyRecord::times_of(const std::string& metric) const {
  auto found = times.find(metric);
  if (found == times.end() && metric == "response") found = times.find("service");
  return found == times.end() ? nullptr : &found->second;
}

RecordedFolder::RecordedFolder(const std::filesystem::path& folder)
    : path_(folder), trials_(reports::read_trials(folder)), facts_(reports::read_environment(folder)) {
  if (trials_.empty())
    throw reports::CsvError((folder / "runs.csv").string() + ": has no rows: nothing was measured");
  // Names from a file are printed, and what stands there may have been written by anybody.
  for (RecordedTrial& trial : trials_) {
    reports::TrialIdentity& id = trial.identity;
    for (std::string* text : {&id.run_id, &id.scenario, &id.settings, &id.strategy, &id.load_model, &id.think,
                              &id.profile, &trial.status_reason})
      *text = printable(*text);
  }
  reports::settle_blocks(trials_);
  for (const RecordedTrial& trial : trials_) sort_in(loads_, trial);
  HistogramAdder adder(loads_);
  reports::read_latency(folder, trials_, [&adder](const reports::LatencyRow& row) { adder.add(row); });
  adder.flush();
}

std::string RecordedFolder::fact(const std::string& key) const {
  std::string value;
  for (const auto& [name, text] : facts_) {
    if (name == key) value = text;
  }
  return value;
}

bool RecordedFolder::is_comparison() const {
  return std::any_of(facts_.begin(), facts_.end(), [](const auto& fact) {
    return fact.first == "command" && fact.second.starts_with("crosstalk compare");
  });
}

}  // namespace crosstalk::harness
