#include "harness/report_table.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "harness/values.h"
#include "reports/recorded_trial.h"

namespace crosstalk::harness {

namespace {

using reports::RecordedTrial;

constexpr std::array kMetrics{"service",        "response",      "queue",           "lateness",
                              "delivery_first", "delivery_last", "delivery_receive"};

std::string number_cell(const std::optional<double>& value) {
  return value ? format_real(*value) : "";
}
std::string number_cell(const std::optional<std::uint64_t>& value) {
  return value ? std::to_string(*value) : "";
}

std::string hash_cell(std::uint64_t hash) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

// "ok", or each of several with its number: "ok:4 contaminated:1".
std::string statuses_of(const StrategyRecord& record) {
  std::string text;
  for (int i = 0; i <= static_cast<int>(reports::Status::failed); ++i) {
    const auto status = static_cast<reports::Status>(i);
    const auto count = static_cast<std::size_t>(
        std::count_if(record.trials.begin(), record.trials.end(),
                      [status](const RecordedTrial* trial) { return trial->status == status; }));
    if (count == 0) continue;
    text += (text.empty() ? "" : " ") + std::string(to_string(status));
    if (count < record.trials.size()) text += ":" + std::to_string(count);
  }
  return text;
}

// 1: every trial was checked and kept the laws; 0: one broke a law; empty: not all were checked.
std::string verified_of(const StrategyRecord& record) {
  const auto is = [&](auto&& what) { return std::any_of(record.trials.begin(), record.trials.end(), what); };
  if (is([](const RecordedTrial* trial) { return !trial->verified.value_or(true); })) return "0";
  return is([](const RecordedTrial* trial) { return !trial->verified; }) ? "" : "1";
}

std::optional<double> cpu_per_op_ns(const RecordedTrial& trial) {
  const double cpu_s = trial.cpu_user_s + trial.cpu_system_s;
  if (trial.all().count == 0 || cpu_s <= 0) return std::nullopt;
  return cpu_s * 1e9 / static_cast<double>(trial.all().count);
}

std::vector<std::string> cells_of(const RecordedFolder& folder, const LoadRecord& load,
                                  const StrategyRecord& record) {
  const reports::TrialIdentity& id = load.identity();
  std::vector<std::string> cells{folder.path().string(),
                                 load.name.text,
                                 id.scenario,
                                 hash_cell(id.trace_hash),
                                 record.strategy,
                                 record.floor ? "floor" : "",
                                 statuses_of(record),
                                 std::to_string(record.trials.size()),
                                 std::to_string(record.sound_trials()),
                                 verified_of(record)};
  cells.push_back(number_cell(
      record.median([](const RecordedTrial& t) { return std::optional(t.all().achieved_ops_s); })));
  cells.push_back(number_cell(record.median([](const RecordedTrial& t) { return t.all().offered_ops_s; })));
  cells.push_back(number_cell(record.median(cpu_per_op_ns)));
  cells.push_back(number_cell(record.median([](const RecordedTrial& t) { return t.floor_share; })));
  cells.push_back(number_cell(record.median([](const RecordedTrial& t) { return t.all().jain_clients; })));
  for (const char* metric : kMetrics) {
    const reports::Histogram* values = record.times_of(metric);
    const reports::Histogram none;
    const reports::RecordedTimes times = reports::recorded(values == nullptr ? none : *values);
    cells.push_back(values == nullptr ? "" : std::to_string(values->count()));
    for (const auto& figure :
         {times.p50_ns, times.p90_ns, times.p99_ns, times.p999_ns, times.max_ns, times.mean_ns})
      cells.push_back(number_cell(figure));
  }
  return cells;
}

}  // namespace

TextTable report_table(const std::vector<RecordedFolder>& folders) {
  TextTable table;
  for (const char* word : {"folder", "load", "scenario", "trace_hash", "strategy", "role", "status"})
    table.columns.push_back({word, false});
  for (const char* number : {"trials", "sound", "verified", "achieved_ops_s", "offered_ops_s",
                             "cpu_per_op_ns", "floor_share", "jain_clients"})
    table.columns.push_back({number, true});
  for (const char* metric : kMetrics) {
    for (const char* figure : {"count", "p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns", "mean_ns"})
      table.columns.push_back({std::string(metric) + "_" + figure, true});
  }
  for (const RecordedFolder& folder : folders) {
    for (const LoadRecord& load : folder.loads()) {
      for (const StrategyRecord& record : load.strategies)
        table.rows.push_back(cells_of(folder, load, record));
    }
  }
  return table;
}

}  // namespace crosstalk::harness
