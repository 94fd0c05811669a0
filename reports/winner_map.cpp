#include "reports/winner_map.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "reports/csv_cells.h"
#include "reports/csv_text.h"
#include "reports/run_result.h"
#include "reports/schema.h"

namespace crosstalk::reports {

namespace {

constexpr unsigned kMapCells = 24;

std::vector<std::string> parted(const std::string& text, std::string_view between) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(between, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + between.size();
  }
  return parts;
}

MapVerdict verdict_of(const CsvCells<kMapCells>& cells, const char* text) {
  for (const MapVerdict verdict :
       {MapVerdict::resolved, MapVerdict::unresolved, MapVerdict::too_few, MapVerdict::nothing}) {
    if (to_string(verdict) == text) return verdict;
  }
  cells.fail(std::string("verdict: unknown: '") + text + "'");
}

MapRow to_map_row(const CsvCells<kMapCells>& cells, const std::array<char*, kMapCells>& c) {
  cells.check_version(c[0]);
  MapRow row;
  row.run_id = c[1];
  row.threads = cells.number<std::uint64_t>("threads", c[2]);
  row.write_share_pct = cells.number<double>("write_share_pct", c[3]);
  row.zipf = cells.number<double>("zipf", c[4]);
  row.members = cells.number<std::uint64_t>("members", c[5]);
  row.outside_ns = cells.number<std::uint64_t>("outside_ns", c[6]);
  row.outside_scaled_ns = cells.number<std::uint64_t>("outside_scaled_ns", c[7]);
  row.strategies = cells.number<std::size_t>("strategies", c[8]);
  row.blocks = cells.number<std::size_t>("blocks", c[9]);
  row.blocks_needed = cells.number<std::size_t>("blocks_needed", c[10]);
  row.leader = c[11];
  row.leader_ops_s = cells.maybe<double>("leader_ops_s", c[12]);
  row.runner_up = c[13];
  if (const auto ratio = cells.maybe<double>("ratio", c[14])) {
    row.duel = Duel{};
    row.duel->ratio = *ratio;
    const auto low = cells.maybe<double>("ratio_low", c[15]);
    const auto high = cells.maybe<double>("ratio_high", c[16]);
    if (low && high) row.duel->interval = Span{*low, *high};
    row.duel->p = cells.number<double>("p", c[17]);
    row.duel->p_holm = cells.number<double>("p_holm", c[18]);
  }
  row.verdict = verdict_of(cells, c[19]);
  if (row.verdict == MapVerdict::resolved && !row.duel) cells.fail("ratio: a resolved cell must have one");
  row.tied = parted(c[20], " ");
  row.mde_pct = cells.maybe<double>("mde_pct", c[21]);
  row.floor_share = cells.maybe<double>("floor_share", c[22]);
  row.left_out = parted(c[23], "; ");
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

std::vector<MapRow> read_map(const std::filesystem::path& path) {
  const std::string file = path.string();
  check_bytes(file);
  try {
    CellReader<kMapCells> reader(file);
    reader.read_header(io::ignore_extra_column, "schema_version", "run_id", "threads", "write_share_pct",
                       "zipf", "members", "outside_ns", "outside_scaled_ns", "strategies", "blocks",
                       "blocks_needed", "leader", "leader_ops_s", "runner_up", "ratio", "ratio_low",
                       "ratio_high", "p", "p_holm", "verdict", "tied", "mde_pct", "floor_share", "left_out");
    const CsvCells<kMapCells> cells(file, reader);
    std::vector<MapRow> rows;
    std::array<char*, kMapCells> c{};
    while (std::apply([&](auto&... text) { return reader.read_row(text...); }, c)) {
      rows.push_back(to_map_row(cells, c));
    }
    return rows;
  } catch (const io::error::base& error) {
    throw CsvError(file + ": " + error.what());
  }
}

}  // namespace crosstalk::reports
