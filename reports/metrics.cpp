#include "reports/metrics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "reports/csv_writer.h"
#include "reports/schema.h"

namespace crosstalk::reports {

namespace {

// Columns that are words, or numbers only by their looks.
constexpr std::array<std::string_view, 23> kWordColumns{
    "schema_version", "run_id",   "role",       "status",  "status_reason", "scenario",
    "trace_hash",     "strategy", "path",       "pool",    "dispatch",      "store",
    "queue_policy",   "pin",      "load_model", "op",      "allocator",     "build_type",
    "compiler",       "commit",   "think",      "profile", "settings"};

constexpr std::array<std::string_view, 16> kOpNames{
    "all",     "connect", "disconnect", "join",   "leave",   "move", "post", "direct",
    "history", "who",     "presence",   "upload", "receive", "mark", "kick", "persist"};

struct Source {
  std::string_view name;
  Histogram OpResult::*histogram;
};
constexpr std::array kSources{
    Source{"service", &OpResult::service},
    Source{"response", &OpResult::response},
    Source{"queue", &OpResult::queue},
    Source{"lateness", &OpResult::lateness},
    Source{"delivery_first", &OpResult::delivery_first},
    Source{"delivery_last", &OpResult::delivery_last},
    Source{"delivery_median", &OpResult::delivery_median},
    Source{"delivery_receive", &OpResult::delivery_receive},
};

bool is_word(std::string_view column) {
  return std::find(kWordColumns.begin(), kWordColumns.end(), column) != kWordColumns.end();
}

MetricUnit unit_of(std::string_view column) {
  if (column == "reach" || column.starts_with("jain_") || column.ends_with("_share"))
    return MetricUnit::share;
  if (column.ends_with("_pct")) return MetricUnit::percent;
  if (column.ends_with("_ns")) return MetricUnit::nanoseconds;
  if (column.ends_with("_ops_s")) return MetricUnit::ops_s;
  if (column.ends_with("_s")) return MetricUnit::seconds;
  if (column.ends_with("_bytes")) return MetricUnit::bytes;
  return MetricUnit::count;
}

std::optional<Metric> column_metric(std::string_view name) {
  const auto columns = runs_columns();
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
  if (found == columns.end() || is_word(name)) return std::nullopt;
  Metric metric;
  metric.name = name;
  metric.unit = unit_of(name);
  metric.column = static_cast<std::size_t>(found - columns.begin());
  return metric;
}

// "99" -> 0.99, "999" -> 0.999, "5" -> 0.05, "99.95" -> 0.9995
std::optional<double> percentile_of(std::string_view digits) {
  std::string text(digits);
  if (text.find('.') == std::string::npos && text.size() > 2) text.insert(2, ".");
  if (text.empty() || text.size() > 9) return std::nullopt;
  if (text.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
  double percent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (percent <= 0 || percent >= 100) return std::nullopt;
  return percent / 100;
}

std::optional<Metric> histogram_metric(std::string_view name) {
  for (const Source& source : kSources) {
    if (!name.starts_with(source.name) || name.size() < source.name.size() + 2) continue;
    const char separator = name[source.name.size()];
    if (separator != '.' && separator != '_') continue;
    std::string_view figure = name.substr(source.name.size() + 1);
    if (figure.ends_with("_ns")) figure.remove_suffix(3);
    Metric metric;
    metric.name = name;
    metric.unit = MetricUnit::nanoseconds;
    metric.source = source.histogram;
    if (figure == "max" || figure == "mean" || figure == "min") {
      metric.figure = figure == "max"    ? Metric::Figure::max
                      : figure == "mean" ? Metric::Figure::mean
                                         : Metric::Figure::min;
      return metric;
    }
    if (!figure.starts_with('p')) return std::nullopt;
    const auto p = percentile_of(figure.substr(1));
    if (!p) return std::nullopt;
    metric.p = *p;
    return metric;
  }
  return std::nullopt;
}

// The cells of one line of runs.csv; what csv_text.h writes has no line break inside a cell.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;  // a doubled quote opens again at once; words are not read from here
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

std::optional<double> cell_value(const RunResult& result, std::size_t op_index, std::size_t column) {
  const std::string text = runs_rows(result);
  std::string_view lines = text;
  for (std::size_t i = 0; i < op_index; ++i) lines.remove_prefix(lines.find('\n') + 1);
  const std::vector<std::string> cells = cells_of(lines.substr(0, lines.find('\n')));
  if (column >= cells.size()) return std::nullopt;
  const std::string& cell = cells[column];
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (cell.empty() || error != std::errc() || end != cell.data() + cell.size()) return std::nullopt;
  return value;
}

std::string digits(double value, int significant) {
  char text[40];
  std::snprintf(text, sizeof text, "%.*g", significant, value);
  return text;
}

// Smaller steps first: the largest step that is not above the value.
struct Step {
  double factor;
  const char* name;
};
std::string stepped(double value, std::span<const Step> steps, const char* behind) {
  const Step* chosen = &steps.front();
  for (const Step& step : steps) {
    if (std::abs(value) >= step.factor * 0.99995) chosen = &step;  // 4 digits would round up to it
  }
  char text[64];
  const double scaled = value / chosen->factor;
  if (scaled >= 9999.5) {
    std::snprintf(text, sizeof text, "%.0f%s%s", scaled, chosen->name, behind);
  } else {
    std::snprintf(text, sizeof text, "%.4g%s%s", scaled, chosen->name, behind);
  }
  return text;
}

}  // namespace

std::optional<Metric> find_metric(std::string_view name) {
  if (auto metric = column_metric(name)) return metric;
  if (name.find('.') != std::string_view::npos) {
    std::string flat(name);
    std::replace(flat.begin(), flat.end(), '.', '_');
    if (auto metric = column_metric(flat + "_ns")) return metric;
    if (auto metric = column_metric(flat)) return metric;
  }
  return histogram_metric(name);
}

std::optional<double> metric_value(const Metric& metric, const RunResult& result, std::size_t op_index) {
  if (op_index >= result.ops.size()) return std::nullopt;
  if (metric.column) return cell_value(result, op_index, *metric.column);
  const Histogram& values = result.ops[op_index].*metric.source;
  if (values.empty()) return std::nullopt;
  switch (metric.figure) {
    case Metric::Figure::max:
      return static_cast<double>(values.max());
    case Metric::Figure::min:
      return static_cast<double>(values.min());
    case Metric::Figure::mean:
      return values.mean();
    case Metric::Figure::percentile:
      break;
  }
  const auto percentile = values.percentile(metric.p);
  if (!percentile) return std::nullopt;
  return static_cast<double>(*percentile);
}

std::optional<Samples> metric_samples(const Metric& metric, const OpResult& op) {
  Metric read = metric;
  if (metric.source == nullptr) {
    const auto named = histogram_metric(metric.name);
    if (!named) return std::nullopt;
    read = *named;
  }
  const double needed = read.figure == Metric::Figure::percentile ? std::ceil(5.6 / (1 - read.p) - 1e-6) : 1;
  return Samples{(op.*read.source).count(), static_cast<std::uint64_t>(needed)};
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const Column& column : runs_columns()) {
    if (!is_word(column.name)) names.emplace_back(column.name);
  }
  for (const Source& source : kSources) {
    for (const char* figure : {"p50", "p90", "p95", "p99", "p999", "max", "mean"})
      names.push_back(std::string(source.name) + "." + figure);
  }
  return names;
}

std::span<const std::string_view> op_names() noexcept {
  return kOpNames;
}

std::string shown_value(MetricUnit unit, double value) {
  static constexpr Step kTimes[] = {{1, " ns"}, {1e3, " us"}, {1e6, " ms"}, {1e9, " s"}};
  static constexpr Step kRates[] = {{1, ""}, {1e3, "k"}, {1e6, "M"}, {1e9, "G"}};
  static constexpr Step kSizes[] = {{1, " B"}, {1e3, " kB"}, {1e6, " MB"}, {1e9, " GB"}};
  switch (unit) {
    case MetricUnit::nanoseconds:
      return stepped(value, kTimes, "");
    case MetricUnit::seconds:
      return digits(value, 4) + " s";
    case MetricUnit::ops_s:
      return stepped(value, kRates, "/s");
    case MetricUnit::bytes:
      return stepped(value, kSizes, "");
    case MetricUnit::percent:
      return digits(value, 4) + " %";
    case MetricUnit::share:
      return digits(value, 6);
    case MetricUnit::count:
      break;
  }
  return digits(value, 15);
}

std::string nearest_of(std::string_view given, const std::vector<std::string>& names) {
  given = given.substr(0, 64);
  const std::string* best = nullptr;
  std::size_t least = std::max<std::size_t>(2, given.size() / 3) + 1;
  for (const std::string& name : names) {
    std::vector<std::size_t> above(name.size() + 1);
    std::iota(above.begin(), above.end(), std::size_t{0});
    for (std::size_t i = 1; i <= given.size(); ++i) {
      std::vector<std::size_t> row(name.size() + 1, i);
      for (std::size_t j = 1; j <= name.size(); ++j) {
        const std::size_t changed = above[j - 1] + (given[i - 1] == name[j - 1] ? 0U : 1U);
        row[j] = std::min({changed, above[j] + 1, row[j - 1] + 1});
      }
      above = std::move(row);
    }
    if (above.back() >= least) continue;
    least = above.back();
    best = &name;
  }
  return best == nullptr ? "" : ", did you mean '" + *best + "'?";
}

}  // namespace crosstalk::reports
