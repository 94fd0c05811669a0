#include "reports/winner_map.h"

#include "reports/csv_text.h"
#include "reports/run_result.h"
#include "reports/schema.h"

namespace crosstalk::reports {

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

}  // namespace crosstalk::reports
