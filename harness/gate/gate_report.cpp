#include "harness/gate/gate_report.h"

#include <algorithm>
#include <cmath>

#include "harness/gate/metric_limits.h"
#include "harness/gate/report_words.h"

namespace crosstalk::harness::gate {

using reports::GateRow;
using reports::Verdict;

namespace {

// The geometric mean of a metric loses what was allowed its scenarios, beside its own margin: it is waived with them.
void waive_mean(GateReport& report, std::size_t mean) {
  const GateRow& row = report.rows[mean];
  double allowed = 0;  // a log-ratio
  std::size_t scenarios = 0;
  std::optional<Waiver> waiver;
  for (std::size_t i = 0; i < mean; ++i) {
    if (report.rows[i].metric.name != row.metric.name) continue;
    ++scenarios;
    const std::optional<Waiver>& each = report.waived[i];
    if (!each) continue;
    allowed += std::log1p(each->allowed);
    if (!waiver || each->expires < waiver->expires) waiver = each;
  }
  if (!waiver) return;
  waiver->scenario = row.scenario;
  waiver->allowed = std::expm1(std::log1p(row.metric.margin) + allowed / static_cast<double>(scenarios));
  if (loss_of(row).value_or(1) <= waiver->allowed) report.waived[mean] = waiver;
}

}  // namespace

bool has_regressed(const GateReport& report, const std::string& scenario) {
  return std::any_of(report.rows.begin(), report.rows.end(), [&](const GateRow& row) {
    return row.scenario == scenario && row.verdict == Verdict::regressed;
  });
}

const ContestReport* GateReport::contest_of(const GateRow& row) const noexcept {
  const auto found = std::find_if(contests.begin(), contests.end(), [&](const ContestReport& each) {
    return each.contest.name == row.scenario;
  });
  return found == contests.end() ? nullptr : &*found;
}

std::optional<double> loss_of(const GateRow& row) noexcept {
  if (!row.change) return std::nullopt;
  if (row.metric.better == reports::Better::smaller) return *row.change;
  return 1 / (1 + *row.change) - 1;
}

void apply_waivers(GateReport& report, const Waivers& waivers) {
  report.waived.assign(report.rows.size(), std::nullopt);
  for (const Waiver& waiver : waivers.all()) {
    const auto row = std::find_if(report.rows.begin(), report.rows.end(), [&](const GateRow& each) {
      return each.scenario == waiver.scenario && each.metric.name == waiver.metric;
    });
    const std::string what = waiver.place + ": the waiver of " + waiver.scenario + ", " + waiver.metric;
    if (row == report.rows.end()) {
      report.warnings.push_back(what + " is of nothing that was judged");
    } else if (row->verdict != Verdict::regressed) {
      if (row->verdict == Verdict::unchanged || row->verdict == Verdict::improved)
        report.warnings.push_back(what + " is not needed any more: " + std::string(to_string(row->verdict)));
    } else if (loss_of(*row).value_or(1) > waiver.allowed) {
      report.warnings.push_back(what + " allows a loss of " + per_cent(waiver.allowed) + " %, it is " +
                                per_cent(loss_of(*row).value_or(1)) + " %");
    } else {
      report.waived[static_cast<std::size_t>(row - report.rows.begin())] = waiver;
    }
  }
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    const GateRow& row = report.rows[i];
    if (row.scenario == reports::kGeometricMean && row.verdict == Verdict::regressed && !report.waived[i])
      waive_mean(report, i);
  }
}

void apply_control(GateReport& report) {
  std::string why;
  if (report.control && report.control->differs) {
    why = "a second copy of the base differs from it by " + signed_per_cent(report.control->change) +
          " % in " + report.control->metric;
  }
  if (report.repeats.too_many()) {
    why = std::to_string(report.repeats.disturbed()) + " of " + std::to_string(report.repeats.measured()) +
          " pairs were disturbed by other programs or the hypervisor";
  }
  if (why.empty()) return;
  for (GateRow& row : report.rows) {
    if (row.verdict >= Verdict::contaminated)
      continue;  // what cannot be compared cannot on a quiet machine either
    row.verdict = Verdict::contaminated;
    row.reason = why;
  }
}

void apply_instructions(GateReport& report, double margin) {
  for (const ContestReport& contest : report.contests) {
    if (!contest.instructions || contest.instructions->change() <= margin) continue;
    const std::string text = contest.contest.name + ": " + signed_per_cent(contest.instructions->change()) +
                             " % instructions an operation" + growth_text(*contest.instructions);
    if (!has_regressed(report, contest.contest.name))
      report.warnings.push_back(text + "; no time was lost that could be shown");
    else
      report.warnings.push_back(text + "; and it got slower");
  }
}

bool must_be_decided(const GateReport& report, const GateRow& row) noexcept {
  const ContestReport* of_row = report.contest_of(row);
  if (of_row == nullptr) return false;
  return of_row->contest.is_solo() ||
         std::none_of(report.contests.begin(), report.contests.end(),
                      [](const ContestReport& each) { return each.contest.is_solo(); });
}

Verdict verdict_of(const GateReport& report) {
  std::vector<GateRow> counted;
  bool does_more = false;
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    const GateRow& row = report.rows[i];
    if (i < report.waived.size() && report.waived[i]) continue;
    does_more = does_more || (row.metric.name == kInstructions && row.verdict == Verdict::regressed);
    if (row.verdict == Verdict::undecided && !must_be_decided(report, row)) continue;
    counted.push_back(row);
  }
  const Verdict gravest = reports::gravest(counted);
  // Exact, whatever the machine did.
  return does_more && gravest == Verdict::contaminated ? Verdict::regressed : gravest;
}

int exit_code_of(const GateReport& report) {
  if (!report.stopped.empty()) return report.stop_code;
  return reports::exit_code(verdict_of(report), report.undecided);
}

}  // namespace crosstalk::harness::gate
