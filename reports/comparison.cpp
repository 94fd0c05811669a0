#include "reports/comparison.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "reports/csv_rows.h"
#include "reports/csv_text.h"
#include "reports/run_result.h"
#include "reports/schema.h"

namespace crosstalk::reports {

namespace {

constexpr std::array<std::string_view, 11> kVerdictRead{"schema_version", "run_id", "load",      "metric",
                                                        "other",          "ratio",  "ratio_low", "ratio_high",
                                                        "p_holm",         "looks",  "verdict"};

bool is_outcome(std::string_view word) {
  constexpr std::array kOutcomes{Outcome::better, Outcome::worse, Outcome::unresolved, Outcome::too_few};
  return std::any_of(kOutcomes.begin(), kOutcomes.end(),
                     [word](Outcome outcome) { return to_string(outcome) == word; });
}

// Ranks of blame are the order of the checks in scripts/crosstalk_csv.py.
RecordedVerdict verdict_of_row(CsvRows& rows) {
  RecordedVerdict verdict;
  verdict.run_id = rows.text();
  verdict.load = rows.text();
  verdict.metric = rows.text();
  verdict.other = rows.text();
  const auto ratio = rows.maybe_positive(1, "ratio");
  static_cast<void>(rows.maybe_positive(2, "ratio_low"));
  static_cast<void>(rows.maybe_positive(3, "ratio_high"));
  const auto p_holm = rows.maybe_real();
  if (ratio && !p_holm) rows.blame(4, "p_holm: must stand where there is a ratio");
  verdict.p_holm = p_holm.value_or(1);
  verdict.looks = rows.whole();
  const std::string_view word = rows.text();
  if (!is_outcome(word)) rows.blame(0, "verdict: unknown: " + quoted_cell(word));
  return verdict;
}

}  // namespace

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

std::vector<RecordedVerdict> read_verdicts(const std::filesystem::path& file) {
  return read_verdicts(file.string(), bytes_of(file));
}

std::vector<RecordedVerdict> read_verdicts(const std::string& name, std::string_view bytes) {
  CsvRows rows(name, bytes, comparison_columns(), kVerdictRead);
  std::vector<RecordedVerdict> verdicts;
  while (rows.next()) verdicts.push_back(verdict_of_row(rows));
  return verdicts;
}

}  // namespace crosstalk::reports
