#include "harness/threshold_table.h"

#include <algorithm>

#include "harness/display.h"
#include "harness/values.h"
#include "reports/paired.h"

namespace crosstalk::harness {

namespace {

std::string line_name(const reports::RunResult& result) {
  const reports::TrialIdentity& id = result.identity;
  std::string name =
      id.strategy + ", " + display_count(id.clients) + " clients, " + std::to_string(id.threads) + " drivers";
  if (result.ops.front().offered_ops_s) name += ", " + display_rate(*result.ops.front().offered_ops_s);
  return name + reports::setup_text(id, result.allocator);
}

// Trials of one strategy and configuration: rates and clients have traces of their own.
std::string key_of(const reports::RunResult& result) {
  const reports::TrialIdentity& id = result.identity;
  return id.strategy + ' ' + std::to_string(id.trace_hash) + ' ' + std::to_string(id.threads) + ' ' +
         id.think + ' ' + std::to_string(id.outside_ns) + ' ' + id.repeat + '\n' +
         reports::setup_key(id, result.allocator);
}

}  // namespace

ThresholdTable::Mark& ThresholdTable::mark_of(const reports::RunResult& result, std::size_t threshold) {
  const std::string key = key_of(result);
  const auto found = std::find_if(marks_.begin(), marks_.end(), [&](const Mark& mark) {
    return mark.key == key && mark.threshold == threshold;
  });
  if (found != marks_.end()) return *found;
  marks_.push_back(
      {.key = key, .strategy = line_name(result), .threshold = threshold, .values = {}, .why_not = {}});
  return marks_.back();
}

void ThresholdTable::add(const reports::RunResult& result) {
  if (result.identity.role == "floor") return;
  const bool usable = (result.status == reports::Status::ok || result.status == reports::Status::saturated) &&
                      result.verified.value_or(true);
  for (std::size_t i = 0; i < thresholds_.size(); ++i) {
    Mark& mark = mark_of(result, i);
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
  return {reports::holds(thresholds_[mark.threshold], median),
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

void print_thresholds(const ThresholdTable& thresholds, Format format, Streams streams) {
  if (thresholds.empty()) return;
  const bool for_people = format == Format::table || format == Format::markdown;
  std::ostream& out = for_people ? streams.out : streams.err;
  out << '\n';
  print_table(out, thresholds.table(), for_people ? format : Format::table);
  out.flush();
}

std::vector<reports::Threshold> read_thresholds(const Settings& settings,
                                                const std::vector<std::string>& strategies) {
  const Given* given = settings.find("threshold");
  if (given == nullptr) return {};
  if (strategies == std::vector<std::string>{"null/null"}) {
    if (given->layer == Layer::scenario) return {};
    throw UsageError(given->origin + kJudgesNothing);
  }
  std::vector<reports::Threshold> thresholds;
  for (const std::string& text : Settings::convert<std::vector<std::string>>(*given, &parse_names)) {
    try {
      thresholds.push_back(reports::parse_threshold(text));
    } catch (const reports::ThresholdError& error) {
      throw UsageError(given->origin + ": " + error.what());
    }
  }
  return thresholds;
}

}  // namespace crosstalk::harness
