#include "reports/schema.h"

#include <array>
#include <utility>

#include "reports/csv_text.h"

namespace crosstalk::reports {

namespace {

using enum CellKind;

constexpr std::array<Column, 8> kLatency{{
    {"schema_version", natural, "version of this file's columns", "a constant of the program", "never"},
    {"run_id", text, "see runs.csv", "as in runs.csv", "never"},
    {"trial", natural, "see runs.csv", "as in runs.csv", "never"},
    {"op", text, "operation kind", "as in runs.csv", "never"},
    {"metric", text,
     "service, response; of op all also queue, lateness, delivery_first, delivery_median, delivery_last, delivery_receive. No response where it is equal to service: closed loop on the direct path, and receives",
     "the histogram of the column of runs.csv with that name", "never"},
    {"bucket_low_ns", natural, "smallest value of the bucket", "64 buckets an octave, exact below 128",
     "never"},
    {"bucket_high_ns", natural, "largest value of the bucket", "the same; beyond 2^45 the exact maximum",
     "never"},
    {"count", natural, "values in the bucket", "buckets without a value are left out", "never"},
}};

constexpr std::array<Column, 13> kIntervals{{
    {"schema_version", natural, "version of this file's columns", "a constant of the program", "never"},
    {"run_id", text, "see runs.csv", "as in runs.csv", "never"},
    {"trial", natural, "see runs.csv", "as in runs.csv", "never"},
    {"op", text, "all", "the series is of operations of all kinds", "never"},
    {"phase", text, "warmup or measure", "the series is of operations of all kinds", "never"},
    {"start_ns", natural, "start of the slice within its phase",
     "64 slices a phase, or fewer where the phase is short", "never"},
    {"length_ns", natural, "length of the slice", "64 slices a phase, or fewer where the phase is short",
     "never"},
    {"offered", maybe_natural, "operations due in the slice", "by intended instant", "closed loop"},
    {"completed", natural, "operations completed in the slice", "by the end of the operation", "never"},
    {"response_p50_ns", maybe_natural, "median response time", "a coarser histogram of the slice",
     "fewer samples than 5.6 / (1 - p); lateness: closed loop"},
    {"response_p99_ns", maybe_natural, "response time: 99 %", "a coarser histogram of the slice",
     "fewer samples than 5.6 / (1 - p); lateness: closed loop"},
    {"response_max_ns", maybe_natural, "longest response time", "the same, its largest value",
     "nothing completed in the slice"},
    {"lateness_p99_ns", maybe_natural, "the generator's own delay: 99 %", "a coarser histogram of the slice",
     "fewer samples than 5.6 / (1 - p); lateness: closed loop"},
}};

constexpr std::array<Column, 6> kClients{{
    {"schema_version", natural, "version of this file's columns", "a constant of the program", "never"},
    {"run_id", text, "see runs.csv", "as in runs.csv", "never"},
    {"trial", natural, "see runs.csv", "as in runs.csv", "never"},
    {"measure", text,
     "completed_share: completed/offered (open loop); mean_response_ns: nanoseconds (closed)",
     "by the load model", "never"},
    {"share_pct", natural, "share of the clients, 0 to 100", "the clients in ascending order of the measure",
     "never"},
    {"value", decimal,
     "the measure is at most this for that share of the clients; between two clients linear",
     "of the client at that place", "never"},
}};

constexpr std::array<Column, 2> kEnvironment{{
    {"key", text, "name of the fact", "see reports/environment.cpp", "never"},
    {"value", text, "the fact", "read when the run began", "the machine does not say"},
}};

constexpr std::array<Column, 16> kCapacity{{
    {"schema_version", natural, "version of this file's columns", "a constant of the program", "never"},
    {"run_id", text, "see runs.csv", "as in runs.csv", "never"},
    {"scenario", text, "see runs.csv", "as in runs.csv", "never"},
    {"strategy", text, "server/mechanism", "as in runs.csv", "never"},
    {"clients", natural, "simulated clients", "as in runs.csv", "never"},
    {"threads", natural, "driver threads", "as in runs.csv", "never"},
    {"workers", natural, "threads of the pools, 0 without", "as in runs.csv", "never"},
    {"path", text, "direct or pooled", "as in runs.csv", "never"},
    {"slo", text, "the conditions, separated by blanks", "as given to --slo", "never"},
    {"outcome", text, "found, below_lowest, limit_reached, gave_up or unfinished",
     "see reports/capacity_search.h", "never"},
    {"capacity_ops_s", maybe_decimal, "largest rate at which every condition held",
     "search by bisection, confirmed by repetition", "the lowest rate did not meet them"},
    {"failed_ops_s", maybe_decimal, "smallest rate above it at which one did not",
     "the other end of the bracket", "every rate met them"},
    {"confirmed", natural, "trials at the capacity that met the conditions", "counted", "never"},
    {"trials", natural, "trials of the search", "counted", "never"},
    {"response_p99_ns", maybe_natural, "response p99 at the capacity", "median over the trials at that rate",
     "nothing met them"},
    {"remark", text, "what ended the search, and what was left out", "text", "nothing to say"},
}};

}  // namespace

std::span<const Column> latency_columns() noexcept {
  return kLatency;
}
std::span<const Column> intervals_columns() noexcept {
  return kIntervals;
}
std::span<const Column> clients_columns() noexcept {
  return kClients;
}
std::span<const Column> environment_columns() noexcept {
  return kEnvironment;
}
std::span<const Column> capacity_columns() noexcept {
  return kCapacity;
}

std::string_view unit_of(const Column& column) noexcept {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kUnits{{
      {"_ops_s", "ops/s"},
      {"_ns", "ns"},
      {"_pct", "%"},
      {"_bytes", "bytes"},
      {"_s", "s"},
  }};
  for (const auto& [suffix, unit] : kUnits) {
    if (column.name.ends_with(suffix)) return unit;
  }
  switch (column.kind) {
    case text:
      return "text";
    case flag:
    case maybe_flag:
      return "0 or 1";
    case decimal:
    case maybe_decimal:
      return "number";
    case natural:
    case maybe_natural:
    case word:
      break;
  }
  return "whole number";
}

std::span<const ResultFile> result_files() noexcept {
  static const std::array<ResultFile, 10> files{{
      {"runs.csv", runs_columns()},
      {"latency.csv", latency_columns()},
      {"intervals.csv", intervals_columns()},
      {"clients.csv", clients_columns()},
      {"environment.csv", environment_columns()},
      {"comparison.csv", comparison_columns()},
      {"blocks.csv", blocks_columns()},
      {"map.csv", map_columns()},
      {"capacity.csv", capacity_columns()},
      {"history.csv", history_columns()},
  }};
  return files;
}

std::string header_of(std::span<const Column> columns) {
  CsvText text;
  for (const Column& column : columns) text.cell(column.name);
  text.end_row();
  return text.text();
}

}  // namespace crosstalk::reports
