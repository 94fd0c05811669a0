#include "reports/comparison.h"

#include <cmath>

#include "reports/csv_text.h"
#include "reports/run_result.h"
#include "reports/schema.h"

namespace crosstalk::reports {

std::string comparison_header() {
  return header_of(comparison_columns());
}

std::string comparison_line(const ComparisonRow& row) {
  const Duel& duel = row.duel;
  std::optional<double> low, high, detectable_pct;
  if (duel.interval) {
    low = duel.interval->low;
    high = duel.interval->high;
  }
  if (duel.detectable) detectable_pct = 100 * std::expm1(*duel.detectable);
  CsvText text;
  text.cell(kSchemaVersion).cell(row.run_id).cell(row.load).cell(row.metric).cell(row.value);
  text.cell(row.better == Better::larger ? "larger" : "smaller").cell(row.leader).cell(row.other);
  text.cell(row.leader_value).cell(row.other_value);
  text.cell(duel.ratio).cell(low).cell(high).cell(100 * row.confidence);
  text.cell(duel.p).cell(duel.p_holm).cell(duel.blocks).cell(row.looks);
  text.cell(100 * duel.deviation).cell(detectable_pct).cell(to_string(duel.outcome));
  text.end_row();
  return text.text();
}

}  // namespace crosstalk::reports
