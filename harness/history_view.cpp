#include "harness/history_view.h"

#include <algorithm>
#include <cstdio>
#include <span>

#include "harness/flags.h"
#include "harness/history_table.h"
#include "harness/printable.h"

namespace crosstalk::harness {

namespace {

using reports::Drift;
using reports::HistoryRow;
using reports::SeriesFindings;
using Findings = std::span<const SeriesFindings>;

constexpr std::size_t kCommitDigits = 12;

std::string counted(std::size_t number, const std::string& one) {
  return std::to_string(number) + " " + one + (number == 1 ? "" : "s");
}

std::string day_of(const HistoryRow& point) {
  return point.date.substr(0, 10);
}

// "2026-01-31 (0123abc)"
std::string when(const HistoryRow& point) {
  const std::string& commit = point.head_commit.empty() ? point.head : point.head_commit;
  return day_of(point) + " (" + printable(commit.substr(0, kCommitDigits)) + ")";
}

bool are_family(const SeriesFindings& one, const SeriesFindings& other) {
  return one.series.name.machine == other.series.name.machine &&
         one.series.name.anchor_hash == other.series.name.anchor_hash;
}

// The series of a machine and an anchor, one such group after the other.
std::vector<Findings> families_of(Findings findings) {
  std::vector<Findings> families;
  while (!findings.empty()) {
    const auto end = std::find_if_not(findings.begin(), findings.end(), [&](const SeriesFindings& each) {
      return are_family(findings.front(), each);
    });
    const auto size = static_cast<std::size_t>(end - findings.begin());
    families.push_back(findings.first(size));
    findings = findings.subspan(size);
  }
  return families;
}

// The scenario, with its work where another series has the same scenario and metric, and other work.
std::string scenario_words(const SeriesFindings& found, Findings family) {
  const HistoryRow& name = found.series.name;
  const bool alone = std::none_of(family.begin(), family.end(), [&](const SeriesFindings& other) {
    return other.series.name.scenario == name.scenario && other.series.name.work != name.work;
  });
  return alone ? name.scenario : name.scenario + " (" + name.work + ")";
}

std::string drift_cell(const SeriesFindings& found) {
  if (found.drifts.empty()) return "";
  const Drift& last = found.drifts.back();
  return (last.stands ? "" : "over ") + day_of(found.series.points[last.stands ? last.since : last.end]);
}

TextTable family_table(Findings family) {
  TextTable table;
  table.columns = {{"scenario"},     {"metric"},      {"points", true}, {"last", true},
                   {"median", true}, {"drift since"}, {"changes", true}};
  for (const SeriesFindings& found : family) {
    const bool empty = found.series.points.empty();
    table.rows.push_back({scenario_words(found, family), found.series.name.metric,
                          std::to_string(found.series.points.size()), empty ? "" : signed_loss(found.last),
                          empty ? "" : signed_loss(found.median), drift_cell(found),
                          found.changes.empty() ? "" : std::to_string(found.changes.size())});
  }
  return table;
}

std::vector<std::string> family_head(Findings family) {
  const HistoryRow& name = family.front().series.name;
  std::string first = "9", last;
  std::size_t left_out = 0;
  for (const SeriesFindings& found : family) {
    left_out += found.series.left_out;
    if (found.series.points.empty()) continue;
    first = std::min(first, day_of(found.series.points.front()));
    last = std::max(last, day_of(found.series.points.back()));
  }
  std::string what = "machine: " + name.machine;
  if (!last.empty()) what += "; " + first + " to " + last;
  if (left_out > 0) what += "; " + counted(left_out, "row") + " left out (contaminated, or of too few pairs)";
  return {"anchor: " + name.anchor + ", " + name.anchor_hash, what};
}

std::string drift_sentence(const SeriesFindings& found, Findings family, const Drift& drift) {
  const auto& points = found.series.points;
  const std::string where = scenario_words(found, family) + ", " + found.series.name.metric;
  const std::string since = "since " + when(points[drift.since]) + ", seen " + when(points[drift.raised]);
  if (drift.stands)
    return "DRIFT: " + where + ": " + since + "; " + signed_loss(found.stretches.back().median) + " % now";
  return "over: " + where + ": a drift " + since + ", until " + when(points[drift.end]);
}

std::string change_sentence(const SeriesFindings& found, Findings family,
                            const reports::ChangePoint& change) {
  const HistoryRow& point = found.series.points[change.at];
  char p[24];
  std::snprintf(p, sizeof p, "%.2g", change.p);
  std::string text = "change: " + scenario_words(found, family) + ", " + found.series.name.metric + ": " +
                     when(point) + ", " + signed_loss(change.before) + " -> " + signed_loss(change.after) +
                     " % (p=" + p + ")";
  if (change.at > 0 && found.series.points[change.at - 1].kernel != point.kernel)
    text += "; the kernel is another one too: " + point.kernel;
  return text;
}

void print_lines(std::ostream& out, const std::vector<std::string>& lines, Format format) {
  for (const std::string& line : lines) {
    if (format == Format::markdown)
      out << "- " << printable(line) << '\n';
    else
      out << wrapped(printable(line), 2) << '\n';
  }
}

std::string legend(Findings findings) {
  std::string text =
      "Losses against the anchor in per cent, above 0 is worse. Drift: CUSUM, a false alarm once in 500 nights over "
      "all series of a table. Changes: e-divisive, 1 % over all of them";
  const bool several = std::any_of(findings.begin(), findings.end(),
                                   [](const SeriesFindings& found) { return found.family > 1; });
  return text + (several ? ", so 1 % / series for each." : ".");
}

void print_family(std::ostream& out, Findings family, Format format) {
  const std::vector<std::string> head = family_head(family);
  print_lines(out, head, format);
  out << '\n';
  print_table(out, family_table(family), format);
  out << '\n';
  const auto sentences = history_sentences({family.begin(), family.end()});
  print_lines(out, sentences, format);
  if (!sentences.empty()) out << '\n';
}

}  // namespace

std::string history_answer(const std::vector<SeriesFindings>& findings) {
  if (findings.empty()) return "The history holds no rows.";
  std::size_t drifting = 0, changes = 0;
  for (const SeriesFindings& found : findings) {
    drifting += found.drifts_now() ? 1 : 0;
    changes += found.changes.size();
  }
  const std::string rest = counted(changes, "change") + ".";
  if (drifting == 0) return "No drift in " + std::to_string(findings.size()) + " series; " + rest;
  return "DRIFT in " + std::to_string(drifting) + " of " + std::to_string(findings.size()) + " series; " +
         rest;
}

std::vector<std::string> history_sentences(const std::vector<SeriesFindings>& findings) {
  std::vector<std::string> standing, over, changes;
  for (const SeriesFindings& found : findings) {
    for (const Drift& drift : found.drifts)
      (drift.stands ? standing : over).push_back(drift_sentence(found, findings, drift));
    for (const reports::ChangePoint& change : found.changes)
      changes.push_back(change_sentence(found, findings, change));
  }
  standing.insert(standing.end(), over.begin(), over.end());
  standing.insert(standing.end(), changes.begin(), changes.end());
  return standing;
}

std::vector<std::string> history_warnings(const std::vector<SeriesFindings>& findings) {
  std::vector<std::string> warnings;
  for (const SeriesFindings& found : findings) {
    if (!found.dependent) continue;
    char correlation[16];
    std::snprintf(correlation, sizeof correlation, "%.2f", found.lag_one);
    warnings.push_back(
        found.series.name.scenario + ", " + found.series.name.metric +
        ": each point resembles the one before it (correlation " + correlation +
        "), so that drifts and changes of it may be of the machine: gate at other hours, or less often");
  }
  return warnings;
}

void print_history(const std::vector<SeriesFindings>& findings, HistoryForm form, Streams streams) {
  for (const std::string& warning : history_warnings(findings))
    streams.err << wrapped("warning: " + printable(warning), 2) << '\n';
  if (form.format == Format::csv || form.format == Format::json) {
    print_table(streams.out, form.points ? history_points_table(findings) : history_findings_table(findings),
                form.format);
    return;
  }
  const bool markdown = form.format == Format::markdown;
  streams.out << (markdown ? "## Performance history: " : "") << history_answer(findings) << "\n\n";
  if (findings.empty()) return;
  for (const Findings family : families_of(findings)) print_family(streams.out, family, form.format);
  streams.out << (markdown ? legend(findings) : wrapped(legend(findings), 0)) << '\n';
}

}  // namespace crosstalk::harness
