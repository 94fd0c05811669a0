#include "reports/threshold.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace crosstalk::reports {

namespace {

[[noreturn]] void refuse(const std::string& text, const std::string& reason) {
  throw ThresholdError("threshold '" + text.substr(0, 100) + "': " + reason);
}

std::string without_blanks(std::string_view given) {
  std::string text;
  for (const char c : given) {
    if (c != ' ' && c != '\t') text += c;
  }
  return text;
}

std::vector<std::string> all_op_names() {
  return {op_names().begin(), op_names().end()};
}

bool is_op(std::string_view name) {
  return std::find(op_names().begin(), op_names().end(), name) != op_names().end();
}

// Sets op and metric. The first word names an operation unless the whole is a metric.
void set_subject(Threshold& threshold, const std::string& subject) {
  if (subject.empty()) refuse(threshold.text, "names no metric; write [OP.]METRIC<VALUE");
  const auto dot = subject.find('.');
  const std::string first = subject.substr(0, dot);
  const std::string rest = dot == std::string::npos ? "" : subject.substr(dot + 1);
  if (!rest.empty() && is_op(first)) {
    const auto metric = find_metric(rest);
    if (!metric) refuse(threshold.text, "unknown metric '" + rest + "'" + nearest_of(rest, metric_names()));
    threshold.op = first;
    threshold.metric = *metric;
    return;
  }
  if (const auto metric = find_metric(subject)) {
    threshold.metric = *metric;
    return;
  }
  if (!rest.empty() && find_metric(rest))
    refuse(threshold.text, "unknown operation '" + first + "'" + nearest_of(first, all_op_names()));
  refuse(threshold.text, "unknown metric '" + subject + "'" + nearest_of(subject, metric_names()));
}

struct Suffix {
  std::string_view text;
  double factor;
};

std::optional<double> factor_of(std::string_view suffix, std::initializer_list<Suffix> known) {
  for (const Suffix& each : known) {
    if (each.text == suffix) return each.factor;
  }
  return std::nullopt;
}

struct Scale {
  std::optional<double> factor;
  std::string_view units;  // what may be written
};

// `by_column`: the metric is named by its column, whose name says the unit.
Scale scale_of(MetricUnit unit, std::string_view suffix, bool by_column) {
  switch (unit) {
    case MetricUnit::nanoseconds:
      if (suffix.empty() && !by_column) return {std::nullopt, "ns, us, ms or s"};
      return {factor_of(suffix, {{"", 1}, {"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}}),
              "ns, us, ms or s"};
    case MetricUnit::seconds:
      return {factor_of(suffix, {{"", 1}, {"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}}),
              "ns, us, ms or s"};
    case MetricUnit::share:
      return {factor_of(suffix, {{"", 1}, {"%", 0.01}}), "% or nothing"};
    case MetricUnit::percent:
      return {factor_of(suffix, {{"", 1}, {"%", 1}}), "% or nothing"};
    case MetricUnit::ops_s:
      if (suffix.ends_with("/s")) suffix.remove_suffix(2);
      break;
    case MetricUnit::bytes:
      if (suffix.ends_with("B")) suffix.remove_suffix(1);
      break;
    case MetricUnit::count:
      break;
  }
  return {factor_of(suffix, {{"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}}), "k, M, G or nothing"};
}

double parse_bound(const Threshold& threshold, const std::string& subject, const std::string& value) {
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (value.empty() || error != std::errc())
    refuse(threshold.text, "the value must be a number with a unit, got '" + value + "'");
  const std::string_view suffix(end, static_cast<std::size_t>(value.data() + value.size() - end));
  const bool by_column = subject.ends_with("_ns");
  const Scale scale = scale_of(threshold.metric.unit, suffix, by_column);
  if (!scale.factor) {
    refuse(threshold.text, "the value of " + threshold.metric.name + " takes " + std::string(scale.units) +
                               ", got '" + value + "'");
  }
  const double high = threshold.metric.unit == MetricUnit::share ? 1 : 1e18;
  const double bound = number * *scale.factor;
  if (!(bound >= 0 && bound <= high)) {
    refuse(threshold.text, "the value must be between 0 and " + std::string(high == 1 ? "1" : "1e18") +
                               ", got '" + value + "'");
  }
  return bound;
}

std::string why_no_value(const Metric& metric, const OpResult& op) {
  const auto samples = metric_samples(metric, op);
  if (!samples) return "not measured";
  if (samples->there == 0) return "no samples";
  return std::to_string(samples->there) + " samples, needs " + std::to_string(samples->needed);
}

}  // namespace

Threshold parse_threshold(std::string_view given) {
  Threshold threshold;
  threshold.text = without_blanks(given);
  const auto at = threshold.text.find_first_of("<>");
  if (at == std::string::npos || (at > 0 && threshold.text[at - 1] == '='))
    refuse(threshold.text, "needs one of < <= > >=");
  const bool or_equal = at + 1 < threshold.text.size() && threshold.text[at + 1] == '=';
  const bool below = threshold.text[at] == '<';
  threshold.comparison = below ? (or_equal ? Comparison::at_most : Comparison::below)
                               : (or_equal ? Comparison::at_least : Comparison::above);
  const std::string subject = threshold.text.substr(0, at);
  set_subject(threshold, subject);
  threshold.bound = parse_bound(threshold, subject, threshold.text.substr(at + (or_equal ? 2 : 1)));
  return threshold;
}

bool holds(const Threshold& threshold, double value) noexcept {
  switch (threshold.comparison) {
    case Comparison::below:
      return value < threshold.bound;
    case Comparison::at_most:
      return value <= threshold.bound;
    case Comparison::above:
      return value > threshold.bound;
    case Comparison::at_least:
      break;
  }
  return value >= threshold.bound;
}

ThresholdMark judge(const Threshold& threshold, const RunResult& result) {
  ThresholdMark mark;
  mark.text = threshold.text;
  const auto row = std::find_if(result.ops.begin(), result.ops.end(),
                                [&](const OpResult& op) { return op.op == threshold.op; });
  if (row == result.ops.end()) {
    mark.shown = "no row '" + threshold.op + "'";
    return mark;
  }
  const auto index = static_cast<std::size_t>(row - result.ops.begin());
  mark.value = metric_value(threshold.metric, result, index);
  if (!mark.value) {
    mark.shown = why_no_value(threshold.metric, *row);
    return mark;
  }
  mark.held = holds(threshold, *mark.value);
  mark.shown = shown_value(threshold.metric.unit, *mark.value);
  return mark;
}

}  // namespace crosstalk::reports
