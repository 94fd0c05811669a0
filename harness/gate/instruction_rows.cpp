#include "harness/gate/instruction_rows.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "harness/gate/report_words.h"

namespace crosstalk::harness::gate {

namespace {

std::string whole_number(double value) {
  return std::to_string(std::lround(value));
}

// Behind the last row of the scenario; the geometric mean stays last of all.
std::vector<reports::GateRow>::iterator place_for(std::vector<reports::GateRow>& rows,
                                                  const std::string& scenario) {
  const auto last = std::find_if(rows.rbegin(), rows.rend(),
                                 [&](const reports::GateRow& row) { return row.scenario == scenario; });
  if (last != rows.rend()) return last.base();
  return std::find_if(rows.begin(), rows.end(),
                      [](const reports::GateRow& row) { return row.scenario == reports::kGeometricMean; });
}

}  // namespace

reports::GateRow instruction_row(const std::string& scenario, const InstructionChange& change,
                                 const reports::GateMetric& metric) {
  reports::GateRow row;
  row.scenario = scenario;
  row.metric = metric;
  row.change = change.change();
  row.verdict = reports::Verdict::unchanged;
  if (*row.change > metric.margin) row.verdict = reports::Verdict::regressed;
  if (*row.change < -metric.margin) row.verdict = reports::Verdict::improved;
  if (row.verdict != reports::Verdict::unchanged)
    row.reason = whole_number(change.base) + " to " + whole_number(change.head) + growth_text(change);
  row.p = 0;
  row.loss_bound = std::max(0.0, *row.change);
  row.pairs_to_decide = 0;
  return row;
}

void add_instruction_rows(GateReport& report, const reports::GateMetric& metric) {
  for (const ContestReport& contest : report.contests) {
    if (!contest.instructions) continue;
    report.rows.insert(place_for(report.rows, contest.contest.name),
                       instruction_row(contest.contest.name, *contest.instructions, metric));
  }
}

}  // namespace crosstalk::harness::gate
