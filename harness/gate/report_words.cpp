#include "harness/gate/report_words.h"

#include <array>
#include <cstdio>
#include <map>

#include "harness/gate/metric_limits.h"

namespace crosstalk::harness::gate {

namespace {

using reports::GateRow;
using reports::Verdict;

std::string formatted(const char* format, double value) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string p_words(double p) {
  return p < 0.0001 ? "p < 0.0001" : "p = " + formatted("%.2g", p);
}

// "1 regressed, 24 unchanged, 5 undecided"
std::string tally(const GateReport& report) {
  std::map<std::string, std::size_t> counts;
  for (std::size_t i = 0; i < report.rows.size(); ++i) ++counts[verdict_words(report, i)];
  std::string text;
  for (const auto& [verdict, count] : counts)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + verdict;
  return text;
}

std::string shortened(const std::string& name) {
  constexpr std::size_t kLongest = 90;
  return name.size() <= kLongest ? name : name.substr(0, kLongest - 3) + "...";
}

// The largest loss that some row cannot rule out.
std::string largest_bound(const GateReport& report) {
  const GateRow* worst = nullptr;
  for (const GateRow& row : report.rows) {
    if (row.verdict != Verdict::unchanged || !row.loss_bound) continue;
    if (worst == nullptr || *row.loss_bound > *worst->loss_bound) worst = &row;
  }
  if (worst == nullptr) return {};
  return " Nothing that is called unchanged lost more than " + per_cent(*worst->loss_bound) + " % (" +
         worst->scenario + ", " + worst->metric.name + ").";
}

}  // namespace

std::string per_cent(double share) {
  return formatted("%.1f", 100 * share);
}

std::string signed_per_cent(double share) {
  return formatted("%+.1f", 100 * share);
}

std::string growth_text(const InstructionChange& change) {
  if (change.grown.empty()) return {};
  std::string text;
  for (const GrownFunction& function : change.grown) {
    text += (text.empty() ? ", grown: " : "; ") + shortened(function.name) + " (" +
            formatted("%.0f", function.base) + " to " + formatted("%.0f", function.head) + ")";
  }
  return text;
}

std::string metric_words(const std::string& metric) {
  static const std::map<std::string, std::string> words{
      {"throughput", "throughput"},
      {"cpu_per_op", "processor time an operation"},
      {"response_p50", "median response"},
      {"response_p99", "99 % response"},
      {"delivery_last_p99", "99 % time to the last delivery"},
      {"instructions", "instructions an operation"}};
  const auto found = words.find(metric);
  return found == words.end() ? metric : found->second;
}

std::string pairs_words(const GateRow& row) {
  if (row.metric.name == kInstructions) return "exact";
  return std::to_string(row.pairs) + (row.fresh_pairs > 0 ? "+" + std::to_string(row.fresh_pairs) : "");
}

std::string interval_words(const GateRow& row) {
  if (!row.interval) return {};
  return signed_per_cent(row.interval->low) + " " + signed_per_cent(row.interval->high);
}

std::string finding_words(const GateRow& row) {
  const bool worse = loss_of(row).value_or(0) > 0;
  const bool exact = row.metric.name == kInstructions;
  const char* what =
      worse ? (exact ? " does more: " : " got slower: ") : (exact ? " does less: " : " got faster: ");
  std::string text = row.scenario + what + metric_words(row.metric.name);
  if (row.change) text += " " + signed_per_cent(*row.change) + " %";
  if (exact) return text + " (" + row.reason + ")";
  text += " (";
  if (row.interval)
    text += "95 % interval " + signed_per_cent(row.interval->low) + " to " +
            signed_per_cent(row.interval->high) + " %, ";
  text += pairs_words(row) + " pairs, " + p_words(row.p) + ")";
  return text;
}

std::string verdict_words(const GateReport& report, std::size_t row) {
  if (row < report.waived.size() && report.waived[row]) return "waived";
  return std::string(to_string(report.rows[row].verdict));
}

std::string headline(const GateReport& report) {
  if (!report.stopped.empty()) return "ended before a verdict";
  switch (verdict_of(report)) {
    case Verdict::regressed:
      return "REGRESSED";
    case Verdict::undecided:
      return "undecided";
    case Verdict::contaminated:
      return "contaminated";
    case Verdict::not_comparable:
      return "not comparable";
    case Verdict::broken:
      return "broken";
    case Verdict::improved:
    case Verdict::unchanged:
      break;
  }
  return "no regression";
}

std::string answer(const GateReport& report) {
  if (!report.stopped.empty()) return report.stopped + ".";
  std::string text;
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    if (verdict_words(report, i) != "regressed") continue;
    text += (text.empty() ? "" : "; ") + finding_words(report.rows[i]);
  }
  const Verdict verdict = verdict_of(report);
  if (!text.empty()) return text + ". Of all verdicts: " + tally(report) + ".";
  if (verdict == Verdict::contaminated && !report.rows.empty())
    return "Nothing can be said: " + report.rows.front().reason + ".";
  if (verdict == Verdict::undecided)
    return "No regression was shown, and not for everything that there is none: " + tally(report) + "." +
           largest_bound(report);
  return "No regression: " + tally(report) + "." + largest_bound(report);
}

std::string advice(const GateReport& report) {
  if (!report.stopped.empty()) return {};
  switch (verdict_of(report)) {
    case Verdict::undecided:
      return "Undecided means that a loss above the margin was neither shown nor excluded; column MDE says what these "
             "pairs could show. More --budget and --pairs, a quieter machine, or a wider budget in --limits decide it; "
             "--undecided pass lets it through.";
    case Verdict::contaminated:
      return "Run it again on a machine that does nothing else, or raise --foreign-limit.";
    default:
      return {};
  }
}

std::string effort(const GateReport& report) {
  const std::size_t scenarios = report.contests.size();
  std::string text = std::to_string(scenarios) + (scenarios == 1 ? " scenario, " : " scenarios, ");
  if (report.repeats.measured() > 0)
    text += std::to_string(report.repeats.measured()) + " pairs in " + formatted("%.0f", report.seconds) +
            " s, " + std::to_string(report.repeats.disturbed()) + " of them measured again, ";
  else if (report.seconds > 0)
    text += formatted("%.0f", report.seconds) + " s, ";
  if (report.control) {
    text += std::to_string(report.control->pairs) + " pairs of the base against a copy of itself";
    if (report.control->pairs < report.control->fewest)
      text += " (too few to find a difference: it takes " + std::to_string(report.control->fewest) + ")";
    text += ", ";
  }
  return text + "seed " + std::to_string(report.seed);
}

}  // namespace crosstalk::harness::gate
