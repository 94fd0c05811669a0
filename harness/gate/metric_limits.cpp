#include "harness/gate/metric_limits.h"

#include <algorithm>
#include <array>

#include "harness/gate/ini_sections.h"
#include "harness/values.h"

namespace crosstalk::harness::gate {

namespace {

constexpr double kInstructionMargin = 0.01;

constexpr std::array<std::string_view, 2> kLimitKeys{"margin", "budget"};

void take_limits(const std::string& file, const IniSection& section, Metrics& metrics) {
  const auto metric = std::find_if(metrics.begin(), metrics.end(), [&](const reports::GateMetric& each) {
    return each.name == section.name;
  });
  if (metric == metrics.end())
    refuse(file, section.line,
           "unknown metric " + shown(section.name) + " (there are: " + metric_names() + ")");
  const bool exact = section.name == kInstructions;
  for (const IniEntry& entry : section.entries) {
    if (exact && entry.key != "margin")
      refuse(file, entry.line, entry.key + ": means nothing for instructions, which are exact");
    try {
      (entry.key == "margin" ? metric->margin : metric->budget) = parse_share(entry.value);
    } catch (const ValueError& error) {
      refuse(file, entry.line, entry.key + ": " + error.what());
    }
  }
  if (!exact && metric->margin >= metric->budget) {
    refuse(file, section.line,
           "[" + section.name + "]: margin must be below budget, got " + format_real(100 * metric->margin) +
               " % and " + format_real(100 * metric->budget) + " %");
  }
}

Metrics limits_of(const std::string& file, const std::vector<IniSection>& sections) {
  Metrics metrics = all_metrics();
  for (const IniSection& section : sections) take_limits(file, section, metrics);
  return metrics;
}

std::optional<double> positive(double value) noexcept {
  if (!(value > 0)) return std::nullopt;
  return value;
}

std::optional<double> positive(const std::optional<std::uint64_t>& value) noexcept {
  return positive(static_cast<double>(value.value_or(0)));
}

}  // namespace

const Metrics& all_metrics() {
  static const Metrics all = [] {
    Metrics metrics = reports::default_gate_metrics();
    metrics.push_back({.name = std::string(kInstructions), .margin = kInstructionMargin});
    return metrics;
  }();
  return all;
}

bool is_metric(std::string_view name) noexcept {
  const Metrics& metrics = all_metrics();
  return std::any_of(metrics.begin(), metrics.end(),
                     [&](const reports::GateMetric& each) { return each.name == name; });
}

std::string metric_names() {
  std::string names;
  for (const reports::GateMetric& metric : all_metrics()) names += (names.empty() ? "" : ", ") + metric.name;
  return names;
}

std::optional<double> value_of(const reports::RunRow& row, std::string_view metric) noexcept {
  if (metric == "throughput") return positive(row.achieved_ops_s);
  if (metric == "response_p50") return positive(row.response_p50_ns);
  if (metric == "response_p99") return positive(row.response_p99_ns);
  if (metric == "delivery_last_p99") return positive(row.delivery_last_p99_ns);
  if (metric != "cpu_per_op" || row.count == 0) return std::nullopt;
  return positive((row.cpu_user_s + row.cpu_system_s) / static_cast<double>(row.count));
}

double parse_share(std::string_view text) {
  if (!text.ends_with('%')) return parse_real(text, {0, 1});
  text.remove_suffix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return parse_real(text, {0, 100}) / 100;
}

Metrics parse_limits(const std::string& file, std::string_view text) {
  return limits_of(file, parse_sections(file, text, kLimitKeys));
}

Metrics read_limits(const std::filesystem::path& file) {
  return limits_of(file.string(), read_sections(file, kLimitKeys));
}

}  // namespace crosstalk::harness::gate
