// What a gate judges, and how much worse each may be: margins and budgets (reports/gate_verdict.h), as a file says them.
//
//     [response_p99]
//     margin = 5%
//     budget = 15%
//
// limits.ini beside this file is such a file with the values that hold without one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/csv_reader.h"
#include "reports/gate_verdict.h"

namespace crosstalk::harness::gate {

using Metrics = std::vector<reports::GateMetric>;

// The one that no clock is needed for: instructions an operation, counted. Only its margin means something.
inline constexpr std::string_view kInstructions = "instructions";
// Those that are timed (reports::default_gate_metrics()), then this one.
[[nodiscard]] const Metrics& all_metrics();

[[nodiscard]] bool is_metric(std::string_view name) noexcept;
// "throughput, cpu_per_op, ..."
[[nodiscard]] std::string metric_names();

// Of a row "all"; nothing where it was not measured, or is not above 0. Operations a second, seconds of processor time an
// operation, nanoseconds.
[[nodiscard]] std::optional<double> value_of(const reports::RunRow& row, std::string_view metric) noexcept;

// "3%", "0.03": from 0 to 100 %. Throws ValueError.
[[nodiscard]] double parse_share(std::string_view text);

// All metrics, those of which the text says something otherwise. Throws UsageError with file and line.
[[nodiscard]] Metrics parse_limits(const std::string& file, std::string_view text);
[[nodiscard]] Metrics read_limits(const std::filesystem::path& file);

}  // namespace crosstalk::harness::gate
