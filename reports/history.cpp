#include "reports/history.h"

#include "reports/csv_rows.h"
#include "reports/csv_text.h"
#include "reports/run_result.h"
#include "reports/schema.h"

namespace crosstalk::reports {

namespace {

// Ranks of blame are the order of the checks in scripts/crosstalk_csv.py.
Verdict history_verdict_of(CsvRows& rows) {
  const std::string_view text = rows.text();
  for (int i = 0; i <= static_cast<int>(Verdict::broken); ++i) {
    if (to_string(static_cast<Verdict>(i)) == text) return static_cast<Verdict>(i);
  }
  rows.blame(0, "verdict: unknown: " + quoted_cell(text));
  return Verdict::broken;
}

std::string history_date_of(CsvRows& rows) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  const std::string_view text = rows.text();
  bool good = text.size() == kForm.size();
  for (std::size_t i = 0; good && i < kForm.size(); ++i)
    good = kForm[i] == '0' ? text[i] >= '0' && text[i] <= '9' : text[i] == kForm[i];
  if (!good) rows.blame(1, "date: must be like 2026-01-31T04:00:00Z, got " + quoted_cell(text));
  return std::string(text);
}

// Columns loss to loss_error.
void take_loss(CsvRows& rows, HistoryRow& row) {
  row.loss = rows.maybe_real();
  const auto low = rows.maybe_real();
  const auto high = rows.maybe_real();
  if (low && high) row.interval = Span{*low, *high};
  row.error = rows.maybe_real();
  if (row.error && *row.error < 0) rows.blame(2, "loss_error: must not be below 0");
  if (row.error && !row.loss) rows.blame(3, "loss: must stand where there is a loss_error");
}

HistoryRow history_row_of(CsvRows& rows) {
  HistoryRow row;
  row.date = history_date_of(rows);
  for (std::string* text : {&row.machine, &row.kernel, &row.anchor, &row.anchor_commit, &row.anchor_hash,
                            &row.head, &row.head_commit, &row.scenario, &row.work, &row.metric})
    *text = rows.text();
  take_loss(rows, row);
  row.pairs = rows.whole();
  row.verdict = history_verdict_of(rows);
  row.seed = rows.whole();
  return row;
}

}  // namespace

bool HistoryRow::usable() const noexcept {
  const bool measured = verdict == Verdict::unchanged || verdict == Verdict::improved ||
                        verdict == Verdict::undecided || verdict == Verdict::regressed;
  return measured && loss && error;
}

std::string history_header() {
  return header_of(history_columns());
}

std::string history_line(const HistoryRow& row) {
  std::optional<double> low, high;
  if (row.interval) {
    low = row.interval->low;
    high = row.interval->high;
  }
  CsvText text;
  text.cell(kSchemaVersion).cell(row.date).cell(row.machine).cell(row.kernel);
  text.cell(row.anchor).cell(row.anchor_commit).cell(row.anchor_hash).cell(row.head).cell(row.head_commit);
  text.cell(row.scenario).cell(row.work).cell(row.metric);
  text.cell(row.loss).cell(low).cell(high).cell(row.error);
  text.cell(row.pairs).cell(to_string(row.verdict)).cell(row.seed);
  text.end_row();
  return text.text();
}

std::vector<HistoryRow> read_history(const std::filesystem::path& file) {
  return read_history(file.string(), bytes_of(file));
}

std::vector<HistoryRow> read_history(const std::string& name, std::string_view bytes) {
  CsvRows rows(name, bytes, history_columns());
  std::vector<HistoryRow> history;
  while (rows.next()) history.push_back(history_row_of(rows));
  return history;
}

}  // namespace crosstalk::reports
