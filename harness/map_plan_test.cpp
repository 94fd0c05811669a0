#include "harness/map_plan.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "harness/command_line_test_support.h"
#include "workloads/generate.h"

namespace crosstalk::harness {
namespace {

MapRequest small_map() {
  MapRequest request;
  request.base.seed = 5;
  request.cells = cells_of({.threads = {1, 4},
                            .write_shares = {0.01, 0.5},
                            .zipfs = {0, 0.99},
                            .members = {16},
                            .outsides_ns = {0, 1'000}});
  request.strategies = {"a/a", "b/b", "c/c"};
  request.processors = 2;
  request.blocks = 3;
  return request;
}

workloads::Trace trace_of_cell(const MapCell& cell) {
  use_built_in_scenarios();
  auto file = workloads::load_scenario(workloads::find_scenario(kMapScenario), program_keys());
  workloads::set_keys(file.scenario, settings_of(cell));
  return workloads::make_trace(file.scenario, 3, clients_of(cell), {});
}

double share_of(const workloads::Trace& trace, std::set<workloads::OpKind> kinds) {
  const auto count = std::count_if(trace.ops.begin(), trace.ops.end(),
                                   [&](const workloads::Op& op) { return kinds.contains(op.kind); });
  return static_cast<double>(count) / static_cast<double>(trace.ops.size());
}

TEST_CASE("a map has a cell for every combination", "[harness][map_plan]") {
  const auto cells = small_map().cells;
  CHECK(cells.size() == 16);
  CHECK(cells[0] == MapCell{1, 0.01, 0, 16, 0});
  CHECK(cells[1] == MapCell{4, 0.01, 0, 16, 0});
  CHECK(cells[15] == MapCell{4, 0.5, 0.99, 16, 1'000});
}

TEST_CASE("a block holds each cell once, its strategies back to back", "[harness][map_plan]") {
  const MapRequest request = small_map();
  const Plan plan = make_map_plan(request);
  REQUIRE(trials_of_block(request) == 16 * 4);
  REQUIRE(plan.size() == 3 * 16 * 4);
  std::set<std::string> orders;
  for (std::size_t i = 0; i < plan.size(); i += 4) {
    std::set<std::string> strategies;
    std::string order;
    for (std::size_t j = i; j < i + 4; ++j) {
      const PlanRow& row = plan[j];
      CHECK(row.row == j);
      CHECK(row.block == j / 64);
      CHECK(row.repetition == row.block);
      CHECK((row.floor == (row.strategy == "null/null")));
      CHECK(row.settings == plan[i].settings);
      CHECK(row.threads == plan[i].threads);
      CHECK(row.outside_ns == plan[i].outside_ns);
      CHECK(row.clients == 1024);
      CHECK(row.seed == 5);
      strategies.insert(row.strategy);
      order += row.strategy;
    }
    CHECK(strategies.size() == 4);
    if (i < 64) CHECK(plan[i].floor);
    orders.insert(order);
  }
  CHECK(orders.size() > 6);
  std::map<std::string, std::size_t> cells;
  for (const PlanRow& row : plan)
    ++cells[row.settings + " " + std::to_string(row.threads) + " " + std::to_string(row.outside_ns)];
  CHECK(cells.size() == 16);
  for (const auto& [name, count] : cells) CHECK(count == 3 * 4);
}

TEST_CASE("blocks have orders of their own, and the same ones again", "[harness][map_plan]") {
  const Plan plan = make_map_plan(small_map());
  CHECK(plan == make_map_plan(small_map()));
  const auto key = [](const PlanRow& row) { return row.settings + std::to_string(row.outside_ns); };
  std::size_t same = 0;
  for (std::size_t i = 0; i < 64; i += 4) same += key(plan[i]) == key(plan[i + 64]) ? 1 : 0;
  CHECK(same < 16);
}

TEST_CASE("outside work grows and shrinks with drivers over processors", "[harness][map_plan]") {
  CHECK(outside_of({.threads = 2, .outside_ns = 1'000}, 2) == 1'000);
  CHECK(outside_of({.threads = 16, .outside_ns = 1'000}, 2) == 8'000);
  CHECK(outside_of({.threads = 1, .outside_ns = 1'000}, 2) == 500);
  CHECK(outside_of({.threads = 16}, 2) == 0);
}

TEST_CASE("a cell's trace has the share of writes that it says", "[harness][map_plan]") {
  using Kind = workloads::OpKind;
  for (const std::uint32_t members : {4U, 16U, 256U}) {
    for (const double share : {0.0, 0.01, 0.1, 0.5, 1.0}) {
      for (const double zipf : {0.0, 0.99}) {
        INFO(members << " members, " << share << " writes, zipf " << zipf);
        const auto trace = trace_of_cell({.write_share = share, .zipf = zipf, .members = members});
        CHECK(share_of(trace, {Kind::join, Kind::leave, Kind::who}) == 1);
        CHECK(share_of(trace, {Kind::join, Kind::leave}) == Approx(share).margin(0.0005).epsilon(0.04));
        CHECK(share_of(trace, {Kind::join}) == share_of(trace, {Kind::leave}));
      }
    }
  }
}

TEST_CASE("a cell's rooms are as many, as large and as popular as it says", "[harness][map_plan]") {
  const auto hottest = [](const workloads::Trace& trace) {
    std::vector<double> uses(trace.rooms);
    for (const workloads::Op& op : trace.ops) uses[op.room] += 1;
    return *std::max_element(uses.begin(), uses.end()) / static_cast<double>(trace.ops.size());
  };
  const auto even = trace_of_cell({.write_share = 0.1, .zipf = 0, .members = 256});
  CHECK(even.rooms == kMapRooms);
  std::vector<std::uint32_t> sizes(even.rooms);
  for (const workloads::Membership& member : even.members) ++sizes[member.room];
  CHECK(even.members.size() == 64 * 256);
  CHECK(*std::min_element(sizes.begin(), sizes.end()) > 256 - 5 * 16);
  CHECK(*std::max_element(sizes.begin(), sizes.end()) < 256 + 5 * 16);
  CHECK(hottest(even) < 1.2 / 64);
  double weights = 0;
  for (int rank = 1; rank <= 64; ++rank) weights += std::pow(rank, -0.99);
  CHECK(hottest(trace_of_cell({.write_share = 0.1, .zipf = 0.99, .members = 256})) ==
        Approx(1 / weights).epsilon(0.05));
}

}  // namespace
}  // namespace crosstalk::harness
