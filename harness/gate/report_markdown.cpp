#include "harness/gate/report_markdown.h"

#include <algorithm>
#include <sstream>

#include "harness/gate/count_tables.h"
#include "harness/gate/count_words.h"
#include "harness/gate/report_table.h"
#include "harness/gate/report_words.h"
#include "harness/markdown_text.h"

namespace crosstalk::harness::gate {

namespace {

using reports::GateRow;

// What regressed, a line each, largest words first; nothing where nothing did.
std::string regressions(const GateReport& report) {
  std::string text;
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    if (verdict_words(report, i) != "regressed") continue;
    const std::string cause = likely_cause(report, report.rows[i]);
    text += "- **" + markdown_text(finding_words(report.rows[i])) + "**" +
            (cause.empty() ? "" : "; " + cause) + "\n";
  }
  return text.empty() ? text : text + "\n";
}

std::string waivers(const GateReport& report) {
  std::string text;
  for (std::size_t i = 0; i < report.waived.size(); ++i) {
    if (!report.waived[i]) continue;
    text += "- waived until " + report.waived[i]->expires + ": " +
            markdown_text(finding_words(report.rows[i])) + ": " + markdown_text(report.waived[i]->reason) +
            "\n";
  }
  return text;
}

// A row a scenario: its worst verdict and where that stands.
TextTable overview(const GateReport& report) {
  TextTable table;
  std::string metric = report.rows.front().metric.name;
  for (const GateRow& row : report.rows) {
    if (row.metric.name == "throughput") metric = row.metric.name;
  }
  table.columns = {{"scenario"},      {"verdict"},     {metric + " %", true},
                   {"95 % interval"}, {"pairs", true}, {"could show %", true}};
  for (const ContestReport& contest : report.contests) {
    std::vector<GateRow> rows, counted;
    const GateRow* of_metric = nullptr;
    for (std::size_t i = 0; i < report.rows.size(); ++i) {
      const GateRow& row = report.rows[i];
      if (row.scenario != contest.contest.name) continue;
      rows.push_back(row);
      if (verdict_words(report, i) != "waived") counted.push_back(row);
      if (row.metric.name == metric) of_metric = &row;
    }
    if (rows.empty()) continue;
    const GateRow& shown = of_metric != nullptr ? *of_metric : rows.front();
    const bool waived = counted.size() < rows.size();
    table.rows.push_back({contest.contest.name,
                          std::string(to_string(reports::gravest(counted))) + (waived ? " (waived)" : ""),
                          shown.change ? signed_per_cent(*shown.change) : "", interval_words(shown),
                          pairs_words(shown), shown.detectable ? per_cent(*shown.detectable) : ""});
  }
  return table;
}

TextTable details(const GateReport& report) {
  TextTable table;
  table.columns = {{"scenario"},      {"metric"},      {"change %", true},
                   {"95 % interval"}, {"pairs", true}, {"sd of a pair %", true},
                   {"MDE %", true},   {"verdict"},     {"why"}};
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    const GateRow& row = report.rows[i];
    table.rows.push_back({row.scenario, row.metric.name, row.change ? signed_per_cent(*row.change) : "",
                          interval_words(row), pairs_words(row), row.pairs > 1 ? per_cent(row.deviation) : "",
                          row.detectable ? per_cent(*row.detectable) : "", verdict_words(report, i),
                          row.reason});
  }
  return table;
}

std::string printed(const TextTable& table) {
  std::ostringstream text;
  print_table(text, table, Format::markdown);
  return text.str();
}

// What an operation does now that it did not do before; nothing where nothing was counted.
std::string counts(const GateReport& report) {
  const bool counted =
      std::any_of(report.contests.begin(), report.contests.end(),
                  [](const ContestReport& contest) { return !change_words(contest.replayed).empty(); });
  if (!counted) return {};
  const TextTable changed = changed_counts_table(report);
  if (changed.rows.empty())
    return "What an operation does (locks, allocations, tasks for a pool, wake-ups), counted exactly: no change.\n\n";
  return "What an operation does, counted exactly:\n\n" + printed(changed) + "\n";
}

}  // namespace

std::string markdown_of(const GateReport& report) {
  std::string text = "## Performance gate: " + headline(report) + "\n\n";
  const std::string slower = regressions(report);
  text += slower.empty() ? markdown_text(answer(report)) + "\n\n" : slower;
  if (!report.rows.empty()) text += printed(overview(report)) + "\n";
  text += counts(report);
  text += waivers(report);
  for (const std::string& warning : report.warnings) text += "- :warning: " + markdown_text(warning) + "\n";
  const std::string what_next = advice(report);
  if (!what_next.empty()) text += "\n" + what_next + "\n";
  if (!report.rows.empty()) {
    text +=
        "\n<details><summary>All verdicts</summary>\n\n" + printed(details(report)) +
        "\nChange of head against base over pairs of fresh processes in random order (Hodges-Lehmann). MDE, could "
        "show: the loss that nine of ten such gates would call regressed. Regressed: worse than the margin by an "
        "exact test at 1 % for the whole gate, and again on fresh pairs.\n\n</details>\n";
  }
  text += "\nbase: " + markdown_text(report.base) + "<br>head: " + markdown_text(report.head) + "<br>" +
          effort(report) + "\n";
  return text;
}

}  // namespace crosstalk::harness::gate
