#include "harness/map_view.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <set>
#include <utility>

#include "harness/display.h"
#include "harness/flags.h"
#include "harness/map_names.h"
#include "harness/values.h"
#include "reports/schema.h"

namespace crosstalk::harness {

namespace {

using reports::MapRow;
using reports::MapVerdict;
using Rows = std::vector<MapRow>;

constexpr std::size_t kWidth = 80;
// Above it, the lead of one over another is partly that of the harness over itself.
constexpr double kFloorShare = 1.0 / 3;
constexpr std::size_t kLabels = 15;  // of the first two columns of a grid, with their gaps

// A number that varies over the grid, and how it is said.
struct Axis {
  std::string_view name;
  double (*value)(const MapRow&);
  std::string (*text)(double);
};

std::string plain(double value) {
  return format_real(value);
}
std::string pct(double value) {
  return format_real(value) + " %";
}
std::string duration(double value) {
  return value == 0 ? "0" : format_duration(static_cast<std::uint64_t>(value));
}

enum : std::size_t { kDrivers, kWrites, kZipf, kMembersAxis, kOutside };
constexpr std::array<Axis, 5> kAxes{{
    {"drivers", [](const MapRow& row) { return static_cast<double>(row.threads); }, plain},
    {"writes", [](const MapRow& row) { return row.write_share_pct; }, pct},
    {"Zipf", [](const MapRow& row) { return row.zipf; }, plain},
    {"members", [](const MapRow& row) { return static_cast<double>(row.members); }, plain},
    {"outside", [](const MapRow& row) { return static_cast<double>(row.outside_ns); }, duration},
}};

using Place = std::array<double, kAxes.size()>;

Place place_of(const MapRow& row) {
  Place place{};
  for (std::size_t i = 0; i < kAxes.size(); ++i) place[i] = kAxes[i].value(row);
  return place;
}

std::vector<double> values_of(const Rows& rows, std::size_t axis) {
  std::set<double> values;
  for (const MapRow& row : rows) values.insert(kAxes[axis].value(row));
  return {values.begin(), values.end()};
}

bool is_resolved(const MapRow& row) {
  return row.verdict == MapVerdict::resolved;
}

// How often the winner is another one in the next cell along an axis, of pairs of cells that both have one.
struct Changes {
  std::size_t axis = 0;
  std::size_t changed = 0;
  std::size_t pairs = 0;
};

Changes changes_along(const Rows& rows, std::size_t axis) {
  std::map<Place, const MapRow*> places;
  for (const MapRow& row : rows) places[place_of(row)] = &row;
  const std::vector<double> values = values_of(rows, axis);
  Changes changes{.axis = axis};
  for (const MapRow& row : rows) {
    const auto next = std::upper_bound(values.begin(), values.end(), kAxes[axis].value(row));
    if (!is_resolved(row) || next == values.end()) continue;
    Place place = place_of(row);
    place[axis] = *next;
    const auto found = places.find(place);
    if (found == places.end() || !is_resolved(*found->second)) continue;
    ++changes.pairs;
    changes.changed += found->second->leader != row.leader ? 1 : 0;
  }
  return changes;
}

// "From one cell to the next ..."; empty where no two neighbours have winners.
std::string flips(const Rows& rows) {
  std::vector<Changes> all;
  std::size_t pairs = 0;
  for (std::size_t axis = 0; axis < kAxes.size(); ++axis) {
    const Changes changes = changes_along(rows, axis);
    pairs += changes.pairs;
    if (changes.changed > 0) all.push_back(changes);
  }
  if (pairs == 0) return "";
  if (all.empty()) return " It flips nowhere between neighbouring cells that have one.";
  std::stable_sort(all.begin(), all.end(), [](const Changes& a, const Changes& b) {
    return a.changed * b.pairs > b.changed * a.pairs;
  });
  std::string text;
  for (const Changes& each : all) {
    text += (text.empty() ? " It flips between neighbouring cells along " : ", ") +
            std::string(kAxes[each.axis].name) + " (" + std::to_string(each.changed) + " of " +
            std::to_string(each.pairs) + " pairs)";
  }
  return text + ".";
}

// Winners with their cells, the one with most cells first.
std::vector<std::pair<std::string, Rows>> by_winner(const Rows& rows) {
  std::map<std::string, Rows> won;
  for (const MapRow& row : rows) {
    if (is_resolved(row)) won[row.leader].push_back(row);
  }
  std::vector<std::pair<std::string, Rows>> result(won.begin(), won.end());
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) { return a.second.size() > b.second.size(); });
  return result;
}

std::size_t count_of(const Rows& rows, MapVerdict verdict) {
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [&](const MapRow& row) { return row.verdict == verdict; }));
}

std::string lead_of(double ratio, std::string_view unit) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", ratio >= 99.5 ? 0 : ratio >= 9.95 ? 1 : 2, ratio);
  return text + std::string(unit);
}

MapNames names_of(const Rows& rows) {
  std::set<std::string> leaders, all;
  for (const MapRow& row : rows) {
    if (row.leader.empty()) continue;
    leaders.insert(row.leader);
    all.insert({row.leader, row.runner_up});
    all.insert(row.tied.begin(), row.tied.end());
  }
  const std::size_t columns = std::max<std::size_t>(1, values_of(rows, kDrivers).size());
  const std::size_t room = (kWidth - kLabels) / columns;
  return {leaders, all, room > 4 ? room - 3 : 1};  // a gap of two, and a "~"
}

std::string cell_text(const MapRow& row, const MapNames& names) {
  if (row.leader.empty()) return "-";
  if (!is_resolved(row)) return "~" + names.of(row.leader);
  return names.of(row.leader) + " " + lead_of(row.duel->ratio, "x");
}

TextTable grid_of(const Rows& rows, const std::vector<double>& drivers, const MapNames& names) {
  TextTable table;
  table.columns = {{"writes", false}, {"Zipf", false}};
  for (const double n : drivers) table.columns.push_back({"x" + plain(n), false});
  std::map<std::pair<double, double>, std::map<double, const MapRow*>> lines;
  for (const MapRow& row : rows)
    lines[{row.write_share_pct, row.zipf}][static_cast<double>(row.threads)] = &row;
  for (const auto& [labels, cells] : lines) {
    std::vector<std::string> line{pct(labels.first), plain(labels.second)};
    for (const double n : drivers) {
      const auto found = cells.find(n);
      line.push_back(found == cells.end() ? "" : cell_text(*found->second, names));
    }
    table.rows.push_back(std::move(line));
  }
  return table;
}

// "drivers 1 (3 of 24), 2 (5)": of the cells with each value, how many are among these.
std::string spread(const Rows& won, const Rows& rows, std::size_t axis) {
  std::string text;
  const std::vector<double> values = values_of(rows, axis);
  if (values.size() < 2) return text;
  for (const double value : values) {
    const auto with_value = [&](const MapRow& row) { return kAxes[axis].value(row) == value; };
    const auto count = std::count_if(won.begin(), won.end(), with_value);
    const auto of = std::count_if(rows.begin(), rows.end(), with_value);
    text += (text.empty() ? std::string(kAxes[axis].name) + " " : ", ") + kAxes[axis].text(value) + " (" +
            std::to_string(count) + (value == values.front() ? " of " + std::to_string(of) : "") + ")";
  }
  return text;
}

}  // namespace

std::string map_answer(const Rows& rows) {
  const std::string cells = std::to_string(rows.size()) + (rows.size() == 1 ? " cell" : " cells");
  const std::size_t resolved = count_of(rows, MapVerdict::resolved);
  const std::size_t unresolved = count_of(rows, MapVerdict::unresolved);
  const std::size_t few = count_of(rows, MapVerdict::too_few);
  std::string text;
  for (const auto& [winner, won] : by_winner(rows))
    text += (text.empty() ? "" : ", ") + winner + " wins " + std::to_string(won.size());
  text = "Of " + cells + " " + std::to_string(resolved) + (resolved == 1 ? " has" : " have") + " a winner" +
         (text.empty() ? "" : ": " + text);
  if (unresolved > 0) text += "; in " + std::to_string(unresolved) + " nothing is resolved";
  if (few > 0) {
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [](const MapRow& each) { return each.verdict == MapVerdict::too_few; });
    text += "; " + std::to_string(few) + " are not judged, which takes at least " +
            std::to_string(row->blocks_needed) + " blocks, got " + std::to_string(row->blocks);
  }
  const std::size_t nothing = count_of(rows, MapVerdict::nothing);
  if (nothing > 0) text += "; in " + std::to_string(nothing) + " there is nothing to compare";
  return text + "." + flips(rows);
}

std::vector<MapGrid> map_grids(const Rows& rows) {
  const MapNames names = names_of(rows);
  const std::vector<double> drivers = values_of(rows, kDrivers);
  std::map<std::pair<double, double>, Rows> groups;
  for (const MapRow& row : rows)
    groups[{kAxes[kMembersAxis].value(row), kAxes[kOutside].value(row)}].push_back(row);
  std::vector<MapGrid> grids;
  for (const auto& [labels, group] : groups) {
    grids.push_back({.title = plain(labels.first) + " members, outside work " + duration(labels.second),
                     .table = grid_of(group, drivers, names)});
  }
  return grids;
}

std::string map_legend(const Rows& rows) {
  const std::string key = names_of(rows).key();
  return (key.empty() ? "" : key + ". ") +
         "xN: N drivers. NAME 1.23x: the winner, by that factor over the next; ~NAME: ahead, but not told apart from all "
         "others (signed-rank test over blocks, Holm over all pairs, level 0.5 % of the cell); -: nothing to compare. "
         "Medians, intervals and who is tied with whom stand in map.csv.";
}

std::vector<std::string> map_winners(const Rows& rows) {
  std::vector<std::string> sentences;
  for (const auto& [winner, won] : by_winner(rows)) {
    double least = won.front().duel->ratio;
    double most = least;
    for (const MapRow& row : won) {
      least = std::min(least, row.duel->ratio);
      most = std::max(most, row.duel->ratio);
    }
    std::string text = winner + " wins " + std::to_string(won.size()) + ", by " + lead_of(least, " x");
    if (most > least) text += " to " + lead_of(most, " x");
    for (std::size_t axis = 0; axis < kAxes.size(); ++axis) {
      const std::string part = spread(won, rows, axis);
      if (!part.empty()) text += "; " + part;
    }
    sentences.push_back(text + ".");
  }
  return sentences;
}

std::vector<std::string> map_remarks(const Rows& rows) {
  std::vector<std::string> remarks;
  std::size_t near = 0, lacking = 0;
  std::string example;
  for (const MapRow& row : rows) {
    near += row.floor_share.value_or(0) > kFloorShare ? 1 : 0;
    lacking += row.left_out.empty() ? 0 : 1;
    if (example.empty() && !row.left_out.empty()) example = row.left_out.front();
  }
  if (near > 0) {
    remarks.push_back(
        "in " + std::to_string(near) +
        " cells more than a third of the leader's service time is the harness's own (floor_share)");
  }
  if (lacking > 0) {
    remarks.push_back("in " + std::to_string(lacking) + " cells strategies were left out (left_out): " +
                      example + (lacking > 1 ? ", for one" : ""));
  }
  return remarks;
}

TextTable map_for_programs(const Rows& rows) {
  TextTable table;
  const std::set<std::string_view> words{"run_id", "leader", "runner_up", "verdict", "tied", "left_out"};
  for (const reports::Column& column : reports::map_columns().subspan(1))
    table.columns.push_back({std::string(column.name), !words.contains(column.name)});
  const auto real = [](std::optional<double> value) { return value ? format_real(*value) : std::string(); };
  const auto whole = [](std::uint64_t value) { return std::to_string(value); };
  for (const MapRow& row : rows) {
    std::optional<double> ratio, low, high, p, p_holm;
    if (row.duel) {
      ratio = row.duel->ratio;
      p = row.duel->p;
      p_holm = row.duel->p_holm;
      if (row.duel->interval) low = row.duel->interval->low;
      if (row.duel->interval) high = row.duel->interval->high;
    }
    table.rows.push_back({row.run_id,
                          whole(row.threads),
                          real(row.write_share_pct),
                          real(row.zipf),
                          whole(row.members),
                          whole(row.outside_ns),
                          whole(row.outside_scaled_ns),
                          whole(row.strategies),
                          whole(row.blocks),
                          whole(row.blocks_needed),
                          row.leader,
                          real(row.leader_ops_s),
                          row.runner_up,
                          real(ratio),
                          real(low),
                          real(high),
                          real(p),
                          real(p_holm),
                          std::string(to_string(row.verdict)),
                          reports::joined(row.tied, " "),
                          real(row.mde_pct),
                          real(row.floor_share),
                          reports::joined(row.left_out, "; ")});
  }
  return table;
}

void print_map(const Rows& rows, Format format, Streams streams) {
  const bool for_people = format == Format::table || format == Format::markdown;
  (for_people ? streams.out : streams.err) << wrapped(map_answer(rows), 2) << '\n';
  if (!for_people) {
    print_table(streams.out, map_for_programs(rows), format);
    streams.out.flush();
    return;
  }
  for (const MapGrid& grid : map_grids(rows)) {
    streams.out << '\n' << grid.title << "\n\n";
    print_table(streams.out, grid.table, format, kWidth);
  }
  streams.out << '\n' << wrapped(map_legend(rows), 2) << '\n';
  for (const std::string& sentence : map_winners(rows)) streams.out << wrapped(sentence, 2) << '\n';
  streams.out.flush();
}

}  // namespace crosstalk::harness
