#include "reports/winner_map.h"

#include <algorithm>
#include <array>

#include "reports/csv_rows.h"
#include "reports/csv_text.h"
#include "reports/run_result.h"
#include "reports/schema.h"

namespace crosstalk::reports {

namespace {

std::vector<std::string> parted(std::string_view text, std::string_view between) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(between, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + between.size();
  }
  return parts;
}

// Ranks of blame are the order of the checks in scripts/crosstalk_csv.py.
MapVerdict map_verdict_of(CsvRows& rows, bool has_ratio) {
  const std::string_view text = rows.text();
  for (const MapVerdict verdict :
       {MapVerdict::resolved, MapVerdict::unresolved, MapVerdict::too_few, MapVerdict::nothing}) {
    if (to_string(verdict) != text) continue;
    if (verdict == MapVerdict::resolved && !has_ratio) rows.blame(6, "ratio: a resolved cell must have one");
    return verdict;
  }
  rows.blame(0, "verdict: unknown: " + quoted_cell(text));
  return MapVerdict::nothing;
}

// Columns ratio to p_holm.
std::optional<Duel> map_duel_of(CsvRows& rows) {
  const auto ratio = rows.maybe_positive(1, "ratio");
  const auto low = rows.maybe_positive(2, "ratio_low");
  const auto high = rows.maybe_positive(3, "ratio_high");
  const auto p = rows.maybe_real();
  const auto p_holm = rows.maybe_real();
  if (!ratio) return std::nullopt;
  if (!p) rows.blame(4, "p: must stand where there is a ratio");
  if (!p_holm) rows.blame(5, "p_holm: must stand where there is a ratio");
  Duel duel;
  duel.ratio = *ratio;
  if (low && high) duel.interval = Span{*low, *high};
  duel.p = p.value_or(1);
  duel.p_holm = p_holm.value_or(1);
  return duel;
}

MapRow map_row_of(CsvRows& rows) {
  MapRow row;
  row.run_id = rows.text();
  row.threads = rows.whole();
  row.write_share_pct = rows.real();
  row.zipf = rows.real();
  row.members = rows.whole();
  row.outside_ns = rows.whole();
  row.outside_scaled_ns = rows.whole();
  row.strategies = rows.whole();
  row.blocks = rows.whole();
  row.blocks_needed = rows.whole();
  row.leader = rows.text();
  row.leader_ops_s = rows.maybe_real();
  row.runner_up = rows.text();
  row.duel = map_duel_of(rows);
  row.verdict = map_verdict_of(rows, row.duel.has_value());
  row.tied = parted(rows.text(), " ");
  row.mde_pct = rows.maybe_real();
  row.floor_share = rows.maybe_real();
  row.left_out = parted(rows.text(), "; ");
  return row;
}

}  // namespace

std::string_view to_string(MapVerdict verdict) noexcept {
  constexpr std::string_view kWords[] = {"resolved", "unresolved", "too_few_blocks", "nothing_to_compare"};
  return kWords[static_cast<std::size_t>(verdict)];
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : std::string(between)) + part;
  return text;
}

std::string map_header() {
  return header_of(map_columns());
}

std::string map_line(const MapRow& row) {
  std::optional<double> ratio, low, high, p, p_holm;
  if (row.duel) {
    ratio = row.duel->ratio;
    p = row.duel->p;
    p_holm = row.duel->p_holm;
    if (row.duel->interval) low = row.duel->interval->low;
    if (row.duel->interval) high = row.duel->interval->high;
  }
  CsvText text;
  text.cell(kSchemaVersion).cell(row.run_id).cell(row.threads).cell(row.write_share_pct).cell(row.zipf);
  text.cell(row.members).cell(row.outside_ns).cell(row.outside_scaled_ns).cell(row.strategies);
  text.cell(row.blocks).cell(row.blocks_needed).cell(row.leader).cell(row.leader_ops_s).cell(row.runner_up);
  text.cell(ratio).cell(low).cell(high).cell(p).cell(p_holm).cell(to_string(row.verdict));
  text.cell(joined(row.tied, " ")).cell(row.mde_pct).cell(row.floor_share).cell(joined(row.left_out, "; "));
  text.end_row();
  return text.text();
}

std::vector<MapRow> read_map(const std::filesystem::path& file) {
  return read_map(file.string(), bytes_of(file));
}

std::vector<MapRow> read_map(const std::string& name, std::string_view bytes) {
  CsvRows rows(name, bytes, map_columns());
  std::vector<MapRow> cells;
  while (rows.next()) cells.push_back(map_row_of(rows));
  return cells;
}

}  // namespace crosstalk::reports
