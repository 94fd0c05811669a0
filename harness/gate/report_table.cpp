#include "harness/gate/report_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "harness/flags.h"
#include "harness/gate/count_words.h"
#include "harness/gate/report_words.h"
#include "harness/values.h"

namespace crosstalk::harness::gate {

namespace {

using reports::GateRow;

std::string share_or_nothing(const std::optional<double>& share) {
  return share ? per_cent(*share) : "";
}

// Of the rows from `begin` to before `end`.
TextTable section_table(const GateReport& report, std::size_t begin, std::size_t end) {
  TextTable table;
  table.columns = {{"metric", false}, {"%", true},     {"95 % interval", true}, {"pairs", true},
                   {"sd %", true},    {"MDE %", true}, {"verdict", false}};
  for (std::size_t i = begin; i < end; ++i) {
    const GateRow& row = report.rows[i];
    table.rows.push_back({row.metric.name, row.change ? signed_per_cent(*row.change) : "",
                          interval_words(row), pairs_words(row), row.pairs > 1 ? per_cent(row.deviation) : "",
                          share_or_nothing(row.detectable), verdict_words(report, i)});
  }
  return table;
}

std::string section_title(const GateReport& report, const GateRow& row) {
  const ContestReport* contest = report.contest_of(row);
  if (contest == nullptr) return row.scenario + " of all scenarios";
  const Contest& of = contest->contest;
  return of.name + ": " + of.scenario + ", " + of.strategy + ", " + of.path + ", " +
         std::to_string(of.threads) + (of.threads == 1 ? " driver, " : " drivers, ") +
         std::to_string(std::lround(contest->seconds)) + " s";
}

void print_notes(std::ostream& out, const GateReport& report) {
  for (std::size_t i = 0; i < report.waived.size(); ++i) {
    if (!report.waived[i]) continue;
    const Waiver& waiver = *report.waived[i];
    out << wrapped("waived until " + waiver.expires + ": " + finding_words(report.rows[i]) + ": " +
                       waiver.reason + " (" + waiver.place + ")",
                   2)
        << '\n';
  }
  for (const std::string& warning : report.warnings) out << wrapped("warning: " + warning, 2) << '\n';
}

std::string significant(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

// What was counted and differs.
void print_counts(std::ostream& out, const ContestReport& contest) {
  std::string text;
  if (contest.instructions) text = "instructions " + signed_per_cent(contest.instructions->change()) + " %";
  for (const std::vector<OpCount>* counts : {&contest.counts, &contest.replayed}) {
    for (const OpCount& count : *counts) {
      if (count.operations > 0) continue;
      // Less than one in a hundred operations, or by a hundredth, is noise of the kernel.
      if (std::abs(count.head - count.base) < 0.01 * std::max(1.0, count.base)) continue;
      text += (text.empty() ? "" : ", ") + count.name + " " + significant(count.base) + " to " +
              significant(count.head);
    }
  }
  if (!text.empty()) out << wrapped("an operation: " + text, 2) << '\n';
  const std::string exact = change_words(contest.replayed);
  if (!exact.empty()) out << wrapped("counted exactly: " + exact, 2) << '\n';
}

}  // namespace

void print_report(std::ostream& out, const GateReport& report) {
  out << wrapped(headline(report) + ": " + answer(report), 2) << '\n';
  for (std::size_t begin = 0; begin < report.rows.size();) {
    std::size_t end = begin;
    while (end < report.rows.size() && report.rows[end].scenario == report.rows[begin].scenario) ++end;
    out << '\n' << wrapped(section_title(report, report.rows[begin]), 2) << "\n\n";
    print_table(out, section_table(report, begin, end), Format::table);
    if (const ContestReport* contest = report.contest_of(report.rows[begin])) print_counts(out, *contest);
    begin = end;
  }
  out << '\n';
  if (!report.rows.empty()) {
    out << wrapped(
               "%: change of head against base (Hodges-Lehmann). sd: of one pair. MDE: the loss that nine of ten such "
               "gates would call regressed.",
               0)
        << '\n';
  }
  print_notes(out, report);
  const std::string what_next = advice(report);
  if (!what_next.empty()) out << wrapped(what_next, 0) << '\n';
  out << wrapped(effort(report), 0) << '\n';
}

TextTable verdict_table(const GateReport& report) {
  TextTable table;
  table.columns = {{"scenario"},
                   {"metric"},
                   {"verdict"},
                   {"reason"},
                   {"change_pct", true},
                   {"low_pct", true},
                   {"high_pct", true},
                   {"fresh_change_pct", true},
                   {"loss_bound_pct", true},
                   {"p", true},
                   {"pairs", true},
                   {"fresh_pairs", true},
                   {"sd_pct", true},
                   {"robust_sd_pct", true},
                   {"mde_pct", true},
                   {"pairs_to_decide", true},
                   {"margin_pct", true},
                   {"budget_pct", true},
                   {"seconds", true},
                   {"waiver"}};
  // Four digits behind the point are more than anything here is known to.
  const auto pct = [](const std::optional<double>& share) {
    return share ? format_real(std::round(1e6 * *share) / 1e4) : "";
  };
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    const GateRow& row = report.rows[i];
    const ContestReport* contest = report.contest_of(row);
    const bool waived = i < report.waived.size() && report.waived[i].has_value();
    table.rows.push_back({row.scenario,
                          row.metric.name,
                          std::string(to_string(row.verdict)),
                          row.reason,
                          pct(row.change),
                          row.interval ? pct(row.interval->low) : "",
                          row.interval ? pct(row.interval->high) : "",
                          pct(row.fresh_change),
                          pct(row.loss_bound),
                          format_real(row.p),
                          std::to_string(row.pairs),
                          std::to_string(row.fresh_pairs),
                          pct(row.deviation),
                          pct(row.robust_deviation),
                          pct(row.detectable),
                          row.pairs_to_decide ? std::to_string(*row.pairs_to_decide) : "",
                          pct(row.metric.margin),
                          pct(row.metric.budget),
                          contest != nullptr ? format_real(contest->seconds) : "",
                          waived ? report.waived[i]->reason : ""});
  }
  return table;
}

}  // namespace crosstalk::harness::gate
