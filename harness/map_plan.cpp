#include "harness/map_plan.h"

#include <algorithm>
#include <cmath>

#include "harness/shuffle.h"
#include "harness/values.h"
#include "workloads/random.h"

namespace crosstalk::harness {

namespace {

constexpr const char* kMapFloor = "null/null";
// Clients that are away at a time: few, or the joins that end a lap would change the share of writes; more than one, or
// they would always be of one room. The half keeps the rounding down from taking one.
constexpr double kAway = 8.5;

std::vector<PlanRow> rows_of(const MapRequest& request, const MapCell& cell) {
  PlanRow row = request.base;
  row.scenario = kMapScenario;
  row.settings = settings_of(cell);
  row.clients = clients_of(cell);
  row.threads = cell.threads;
  row.outside_ns = outside_of(cell, request.processors);
  std::vector<PlanRow> rows;
  for (const std::string& strategy : request.strategies) {
    row.strategy = strategy;
    rows.push_back(row);
  }
  if (request.with_floor) {
    row.strategy = kMapFloor;
    row.floor = true;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

std::vector<MapCell> cells_of(const MapAxes& axes) {
  std::vector<MapCell> cells;
  for (const std::uint32_t members : axes.members) {
    for (const std::uint64_t outside_ns : axes.outsides_ns) {
      for (const double write_share : axes.write_shares) {
        for (const double zipf : axes.zipfs) {
          for (const unsigned threads : axes.threads)
            cells.push_back({threads, write_share, zipf, members, outside_ns});
        }
      }
    }
  }
  return cells;
}

std::string settings_of(const MapCell& cell) {
  return "room_exponent=" + format_real(cell.zipf) + ",churn=" + format_real(cell.write_share) +
         ",who=" + format_real(1 - cell.write_share) + ",away_share=" + format_real(kAway / clients_of(cell));
}

std::uint32_t clients_of(const MapCell& cell) noexcept {
  return kMapRooms * cell.members;
}

std::uint64_t outside_of(const MapCell& cell, unsigned processors) noexcept {
  return static_cast<std::uint64_t>(
      std::llround(static_cast<double>(cell.outside_ns) * cell.threads / processors));
}

std::uint64_t trials_of_block(const MapRequest& request) noexcept {
  return request.cells.size() * (request.strategies.size() + (request.with_floor ? 1 : 0));
}

Plan make_map_plan(const MapRequest& request) {
  Plan plan;
  plan.reserve(trials_of_block(request) * request.blocks);
  for (std::uint64_t block = 0; block < request.blocks; ++block) {
    workloads::RandomStream random(request.base.seed, workloads::Purpose::plan, block);
    std::vector<MapCell> cells = request.cells;
    shuffle(cells, random);
    for (const MapCell& cell : cells) {
      std::vector<PlanRow> rows = rows_of(request, cell);
      shuffle(rows, random);
      if (block == 0)
        std::stable_partition(rows.begin(), rows.end(), [](const PlanRow& row) { return row.floor; });
      for (PlanRow& row : rows) {
        row.row = plan.size();
        row.block = block;
        row.repetition = block;
        plan.push_back(std::move(row));
      }
    }
  }
  return plan;
}

}  // namespace crosstalk::harness
