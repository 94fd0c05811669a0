#include "reports/comparison.h"

#include <array>
#include <cmath>

#include "reports/csv_cells.h"
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

std::vector<RecordedVerdict> read_verdicts(const std::filesystem::path& path) {
  constexpr unsigned kCells = 7;
  const std::string file = path.string();
  check_bytes(file);
  try {
    CellReader<kCells> reader(file);
    reader.read_header(io::ignore_extra_column, "schema_version", "run_id", "load", "metric", "other",
                       "p_holm", "looks");
    const CsvCells<kCells> cells(file, reader);
    std::vector<RecordedVerdict> verdicts;
    std::array<char*, kCells> c{};
    while (reader.read_row(c[0], c[1], c[2], c[3], c[4], c[5], c[6])) {
      cells.check_version(c[0]);
      verdicts.push_back({.run_id = c[1],
                          .load = c[2],
                          .metric = c[3],
                          .other = c[4],
                          .p_holm = cells.number<double>("p_holm", c[5]),
                          .looks = cells.number<std::size_t>("looks", c[6])});
    }
    return verdicts;
  } catch (const io::error::base& error) {
    throw CsvError(file + ": " + error.what());
  }
}

}  // namespace crosstalk::reports
