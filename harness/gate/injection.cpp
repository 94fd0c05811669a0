#include "harness/gate/injection.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "harness/gate/metric_limits.h"
#include "harness/gate/report_words.h"
#include "harness/values.h"
#include "reports/paired.h"

namespace crosstalk::harness::gate {

namespace {

constexpr std::string_view kTotal = "total=";

std::optional<double> change_of(const std::vector<reports::RunRow>& base,
                                const std::vector<reports::RunRow>& head, std::string_view metric) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(base.size(), head.size()); ++i) {
    const auto before = value_of(base[i], metric);
    const auto after = value_of(head[i], metric);
    if (before && after) ratios.push_back(std::log(*after / *before));
  }
  if (ratios.empty()) return std::nullopt;
  return std::expm1(reports::hodges_lehmann(ratios));
}

std::optional<double> repeats_an_operation(const std::vector<reports::RunRow>& rows) {
  double repeats = 0, operations = 0;
  for (const reports::RunRow& row : rows) {
    repeats += static_cast<double>(row.repeats.value_or(0));
    operations += static_cast<double>(row.count);
  }
  if (repeats <= 0 || operations <= 0) return std::nullopt;
  return repeats / operations;
}

}  // namespace

Injection parse_injection(std::string_view text) {
  if (!text.starts_with(kTotal)) {
    if (text.starts_with("lock=") || text.starts_with("map=") || text.starts_with("pool="))
      return {.repeat = parse_repeat(text)};
    throw ValueError("must be total=, lock=, map= or pool= and a share, such as total=5%, got " +
                     shown(text));
  }
  text.remove_prefix(kTotal.size());
  if (!text.ends_with('%')) return {.total_pct = 100 * parse_real(text, {0.001, 1})};
  return {.total_pct = parse_real(text.substr(0, text.size() - 1), {0.1, 100})};
}

std::string obstacle_of(const Injection& injection, const Contest& contest) {
  const bool direct = contest.path == "direct";
  const bool has_map = contest.strategy.starts_with("map/");
  if (injection.total_pct > 0 && !direct) return "its path is pooled";
  switch (injection.repeat.of) {
    case RepeatOf::pool:
      return direct ? "it has no pool" : "";
    case RepeatOf::map:
      return has_map ? "" : contest.strategy + " has no concurrent map";
    case RepeatOf::lock:
      return has_map || contest.strategy.starts_with("null/") ? contest.strategy + " has no lock of a room"
                                                              : "";
    case RepeatOf::nothing:
      break;
  }
  return {};
}

std::vector<std::string> flags_of(const Injection& injection, double operation_ns) {
  if (injection.repeat.of != RepeatOf::nothing) return {"--repeat", repeat_text(injection.repeat)};
  const double outside_ns = std::max(1.0, std::round(injection.total_pct / 100 * operation_ns));
  return {"--outside", format_duration(static_cast<std::uint64_t>(outside_ns))};
}

std::vector<std::string> counted_flags_of(const Injection& injection, const Contest& contest) {
  if (injection.repeat.of == RepeatOf::nothing || !obstacle_of(injection, contest).empty()) return {};
  return flags_of(injection, 0);
}

InjectionCost cost_of(const std::vector<std::string>& flags, const std::vector<reports::RunRow>& base,
                      const std::vector<reports::RunRow>& head) {
  InjectionCost cost{.repeats = repeats_an_operation(head), .pairs = std::min(base.size(), head.size())};
  for (const std::string& flag : flags) cost.injected += (cost.injected.empty() ? "" : " ") + flag;
  cost.throughput = change_of(base, head, "throughput");
  cost.cpu_per_op = change_of(base, head, "cpu_per_op");
  return cost;
}

std::string cost_words(const InjectionCost& cost) {
  std::string text = "head is slowed down on purpose, by " + cost.injected;
  if (cost.repeats) {
    char number[32];
    std::snprintf(number, sizeof number, "%.3g", *cost.repeats);
    text += std::string(", ") + number + " repeats an operation";
  }
  if (cost.pairs == 0) return text;
  std::string found;
  if (cost.throughput) found += "throughput " + signed_per_cent(*cost.throughput) + " %";
  if (cost.cpu_per_op)
    found += (found.empty() ? "" : ", ") + metric_words("cpu_per_op") + " " +
             signed_per_cent(*cost.cpu_per_op) + " %";
  return text + ": " + found + " (Hodges-Lehmann over " + std::to_string(cost.pairs) + " pairs)";
}

}  // namespace crosstalk::harness::gate
