#include "harness/winner_field.h"

#include <algorithm>
#include <cmath>

#include "reports/paired.h"

namespace crosstalk::harness {

namespace {

using reports::Duel;
using reports::MapRow;
using reports::MapVerdict;
using reports::Outcome;

std::string cell_key(const std::string& settings, std::uint64_t clients, std::uint64_t threads,
                     std::uint64_t outside_ns) {
  return settings + ' ' + std::to_string(clients) + ' ' + std::to_string(threads) + ' ' +
         std::to_string(outside_ns);
}

MapVerdict verdict_of(const reports::Tournament& tournament) {
  if (tournament.resolved) return MapVerdict::resolved;
  return tournament.blocks < tournament.blocks_needed ? MapVerdict::too_few : MapVerdict::unresolved;
}

std::optional<double> floor_share_of(const FieldLine& line) {
  std::vector<double> shares;
  for (const FieldTrial& trial : line.trials) {
    if (trial.floor_share) shares.push_back(*trial.floor_share);
  }
  if (shares.empty()) return std::nullopt;
  return reports::median(shares);
}

// The smallest difference that would have been seen of all that were not told apart.
std::optional<double> detectable_pct(const reports::Tournament& tournament) {
  double widest = 0;
  for (const Duel& duel : tournament.duels) {
    if (duel.outcome == Outcome::too_few) return std::nullopt;
    if (duel.outcome != Outcome::unresolved) continue;
    if (!duel.detectable) return std::nullopt;
    widest = std::max(widest, *duel.detectable);
  }
  if (widest == 0) return std::nullopt;
  return 100 * std::expm1(widest);
}

void judge_field(const LoadField& field, MapRow& row) {
  for (const FieldLine& line : field.lines()) {
    const std::string why = line.floor ? "" : field.why_out(line);
    if (!why.empty()) row.left_out.push_back(line.strategy + ": " + why);
  }
  const auto figures = field.judge({});
  if (figures.empty()) return;
  const JudgedFigure& throughput = figures.front();
  const reports::Tournament& tournament = throughput.tournament;
  const auto line_of = [&](std::size_t contender) -> const FieldLine& {
    return field.lines()[throughput.lines[contender]];
  };
  const FieldLine& leader = line_of(tournament.ranking.front());
  row.strategies = throughput.lines.size();
  row.blocks = tournament.blocks;
  row.blocks_needed = tournament.blocks_needed;
  row.leader = leader.strategy;
  row.leader_ops_s = leader.typical(Figure::throughput, field.by_slices());
  row.duel = tournament.duels.front();
  row.runner_up = line_of(row.duel->other).strategy;
  for (const std::size_t contender : tournament.tied) {
    if (contender != tournament.ranking.front()) row.tied.push_back(line_of(contender).strategy);
  }
  row.mde_pct = detectable_pct(tournament);
  row.floor_share = floor_share_of(leader);
  row.verdict = verdict_of(tournament);
}

}  // namespace

WinnerField::WinnerField(const MapRequest& request) {
  for (const MapCell& cell : request.cells) {
    const std::uint64_t outside_ns = outside_of(cell, request.processors);
    std::string key = cell_key(settings_of(cell), clients_of(cell), cell.threads, outside_ns);
    place_[key] = cells_.size();
    cells_.push_back({cell, outside_ns, LoadField(key, key, "", true)});
  }
}

void WinnerField::add(const reports::RunResult& result) {
  const reports::TrialIdentity& id = result.identity;
  const auto found = place_.find(cell_key(id.settings, id.clients, id.threads, id.outside_ns));
  if (found == place_.end()) return;
  run_id_ = id.run_id;
  ++trials_;
  if (result.status != reports::Status::ok && result.status != reports::Status::saturated)
    ++unsound_[result.status];
  cells_[found->second].field.add(reports::recorded(result), false);
}

std::string WinnerField::unsound() const {
  std::string kinds;
  std::size_t all = 0;
  for (const auto& [status, count] : unsound_) {
    all += count;
    kinds += (kinds.empty() ? ": " : ", ") + std::string(to_string(status)) + " " + std::to_string(count);
  }
  if (all == 0) return "";
  return std::to_string(all) + " of " + std::to_string(trials_) + " trials cannot be used" + kinds;
}

std::vector<MapRow> WinnerField::judge() const {
  std::vector<MapRow> rows;
  for (const auto& [cell, outside_scaled_ns, field] : cells_) {
    MapRow row;
    row.run_id = run_id_;
    row.threads = cell.threads;
    row.write_share_pct = std::round(cell.write_share * 1e8) / 1e6;  // 7, not 7.000000000000001
    row.zipf = cell.zipf;
    row.members = cell.members;
    row.outside_ns = cell.outside_ns;
    row.outside_scaled_ns = outside_scaled_ns;
    judge_field(field, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace crosstalk::harness
