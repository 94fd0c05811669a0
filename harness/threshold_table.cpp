#include "harness/threshold_table.h"

#include <algorithm>

#include "harness/display.h"
#include "reports/paired.h"

namespace crosstalk::harness {

namespace {

// What tells the configurations of one run apart.
std::string line_name(const reports::TrialIdentity& id) {
  return id.strategy + ", " + display_count(id.clients) + " clients, " + std::to_string(id.threads) +
         " drivers";
}

bool within(double value, const reports::Threshold& threshold) {
  switch (threshold.comparison) {
    case reports::Comparison::below:
      return value < threshold.bound;
    case reports::Comparison::at_most:
      return value <= threshold.bound;
    case reports::Comparison::above:
      return value > threshold.bound;
    case reports::Comparison::at_least:
      break;
  }
  return value >= threshold.bound;
}

}  // namespace

ThresholdTable::Mark& ThresholdTable::mark_of(const std::string& strategy, std::size_t threshold) {
  const auto found = std::find_if(marks_.begin(), marks_.end(), [&](const Mark& mark) {
    return mark.strategy == strategy && mark.threshold == threshold;
  });
  if (found != marks_.end()) return *found;
  marks_.push_back({.strategy = strategy, .threshold = threshold, .values = {}, .why_not = {}});
  return marks_.back();
}

void ThresholdTable::add(const reports::RunResult& result) {
  if (result.identity.role == "floor") return;
  const bool usable = (result.status == reports::Status::ok || result.status == reports::Status::saturated) &&
                      result.verified.value_or(true);
  for (std::size_t i = 0; i < thresholds_.size(); ++i) {
    Mark& mark = mark_of(line_name(result.identity), i);
    const reports::ThresholdMark judged = reports::judge(thresholds_[i], result);
    if (usable && judged.value) {
      mark.values.push_back(*judged.value);
      continue;
    }
    ++mark.missing;
    mark.why_not = usable ? judged.shown : "no usable trial";
  }
}

ThresholdTable::Verdict ThresholdTable::verdict(const Mark& mark) const {
  if (mark.values.empty()) return {false, mark.why_not};
  const double median = reports::median(mark.values);
  return {within(median, thresholds_[mark.threshold]),
          reports::shown_value(thresholds_[mark.threshold].metric.unit, median)};
}

TextTable ThresholdTable::table() const {
  TextTable table;
  table.columns = {
      {"threshold", false}, {"strategy", false}, {"median", true}, {"trials", true}, {"", false}};
  for (const Mark& mark : marks_) {
    const Verdict found = verdict(mark);
    const std::size_t trials = mark.values.size() + mark.missing;
    table.rows.push_back({thresholds_[mark.threshold].text, mark.strategy, found.shown,
                          mark.missing == 0
                              ? std::to_string(trials)
                              : std::to_string(mark.values.size()) + " of " + std::to_string(trials),
                          found.held ? "held" : "CROSSED"});
  }
  return table;
}

bool ThresholdTable::crossed() const {
  return std::any_of(marks_.begin(), marks_.end(), [&](const Mark& mark) { return !verdict(mark).held; });
}

}  // namespace crosstalk::harness
