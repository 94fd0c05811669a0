// Rows of map.csv: who leads in one cell of a map of winners, and whether that is resolved.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/tournament.h"

namespace crosstalk::reports {

// resolved: the leader is better than every other one. nothing: fewer than two strategies could be compared.
enum class MapVerdict : std::uint8_t { resolved, unresolved, too_few, nothing };
[[nodiscard]] std::string_view to_string(MapVerdict verdict) noexcept;

struct MapRow {
  std::string run_id;
  std::uint64_t threads = 1;
  double write_share_pct = 0;
  double zipf = 0;
  std::uint64_t members = 0;
  std::uint64_t outside_ns = 0;         // with a driver a processor
  std::uint64_t outside_scaled_ns = 0;  // with so many drivers
  std::size_t strategies = 0;           // compared
  std::size_t blocks = 0;
  std::size_t blocks_needed = 0;
  std::string leader, runner_up;  // empty where nothing was compared
  std::optional<double> leader_ops_s;
  std::optional<Duel> duel;       // of the leader against the runner-up
  std::vector<std::string> tied;  // not told from the leader, without itself
  std::optional<double>
      mde_pct;  // smallest difference that would have been seen between them; empty: none, or unknown
  std::optional<double> floor_share;  // of the leader, median
  std::vector<std::string> left_out;  // "sharded/mcs: why it could not be compared"
  MapVerdict verdict = MapVerdict::nothing;
};

// Several names or remarks as one cell.
[[nodiscard]] std::string joined(const std::vector<std::string>& parts, std::string_view between);

[[nodiscard]] std::string map_header();
// One line of the file, its end included.
[[nodiscard]] std::string map_line(const MapRow& row);
// Rows as map_line() wrote them. Throws CsvError, also for verdicts that are no words of one, ratios that are not above 0, a ratio
// without its p-values, and a resolved cell without a ratio.
[[nodiscard]] std::vector<MapRow> read_map(const std::filesystem::path& file);
// The same of the bytes of a file that errors call `name`.
[[nodiscard]] std::vector<MapRow> read_map(const std::string& name, std::string_view bytes);

}  // namespace crosstalk::reports
