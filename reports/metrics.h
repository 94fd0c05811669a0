// The figures of a row by name: every numeric column of runs.csv, and the histograms in short form.
//
// A column is found through the list of columns (schema.h) and read from the very row that the writer makes, so that a
// column appended there is a metric here, and what is judged is what the file says. Short forms (`response.p99`,
// `service.max`, `queue.mean`, `response.p95`) name a column where there is one, else they are read from the histogram,
// where a percentile needs 5.6 / (1 - p) samples as everywhere.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/run_result.h"

namespace crosstalk::reports {

enum class MetricUnit : std::uint8_t { count, share, percent, nanoseconds, seconds, ops_s, bytes };

struct Metric {
  std::string name;  // the column, or the short form where there is none
  MetricUnit unit = MetricUnit::count;
  std::optional<std::size_t> column;      // index into runs_columns()
  Histogram OpResult::*source = nullptr;  // without a column
  enum class Figure : std::uint8_t { percentile, max, mean, min } figure = Figure::percentile;
  double p = 0;  // of a percentile, in (0, 1)
};

// `response_p99_ns`, `response.p99`, `jain_clients`. The digits behind p are per cent, from the third on their decimals
// (p5 is 5 %, p95 95 %, p999 99.9 %), and `p99.95` is understood. Empty: there is no such metric.
[[nodiscard]] std::optional<Metric> find_metric(std::string_view name);

// Empty: not measured, or too few samples.
[[nodiscard]] std::optional<double> metric_value(const Metric& metric, const RunResult& result,
                                                 std::size_t op_index);
// How many samples stand behind a histogram's figure, and how many it needs. Empty for other metrics.
struct Samples {
  std::uint64_t there = 0;
  std::uint64_t needed = 0;
};
[[nodiscard]] std::optional<Samples> metric_samples(const Metric& metric, const OpResult& op);

// Numeric columns in the file's order, then the short forms of the percentiles, maxima and means that people ask for.
[[nodiscard]] std::vector<std::string> metric_names();
// What a row may be of: "all" and every kind of operation.
[[nodiscard]] std::span<const std::string_view> op_names() noexcept;

// For people, with unit: `4.21 ms`, `101k/s`, `0.99987`, `3`.
[[nodiscard]] std::string shown_value(MetricUnit unit, double value);

// ", did you mean 'x'?", or nothing where no name is near (edit distance of Levenshtein).
[[nodiscard]] std::string nearest_of(std::string_view given, const std::vector<std::string>& names);

}  // namespace crosstalk::reports
