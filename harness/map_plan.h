// The trials of a map of winners: cells of a grid of loads, each with every strategy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/plan.h"

namespace crosstalk::harness {

// One load. Reads list the members of a room, writes are joins and leaves.
struct MapCell {
  unsigned threads = 1;          // drivers
  double write_share = 0;        // 0 to 1
  double zipf = 0;               // exponent of the rooms' popularity
  std::uint32_t members = 2;     // of a room, on average: work inside the critical section
  std::uint64_t outside_ns = 0;  // work between two operations with a driver a processor, mean
  friend bool operator==(const MapCell&, const MapCell&) = default;
};

struct MapAxes {
  std::vector<unsigned> threads;
  std::vector<double> write_shares;
  std::vector<double> zipfs;
  std::vector<std::uint32_t> members;
  std::vector<std::uint64_t> outsides_ns;
};

// Every combination; threads vary fastest, then zipf, write share, outside work and members.
[[nodiscard]] std::vector<MapCell> cells_of(const MapAxes& axes);

// Scenario of every cell, and its number of rooms.
inline constexpr const char* kMapScenario = "map_cell";
inline constexpr std::uint32_t kMapRooms = 64;

// What `--set` says for the cell.
[[nodiscard]] std::string settings_of(const MapCell& cell);
[[nodiscard]] std::uint32_t clients_of(const MapCell& cell) noexcept;
// More drivers than processors, or fewer, work longer or shorter outside, so that the locks are as busy with any number of
// them (as Abseil's mutex_benchmark does it).
[[nodiscard]] std::uint64_t outside_of(const MapCell& cell, unsigned processors) noexcept;

struct MapRequest {
  PlanRow base;  // all that does not vary
  std::vector<MapCell> cells;
  std::vector<std::string> strategies;  // names, not globs
  unsigned processors = 1;
  bool with_floor = true;
  std::uint64_t blocks = 1;
};
[[nodiscard]] std::uint64_t trials_of_block(const MapRequest& request) noexcept;

// A block holds every cell once in random order, and a cell all strategies one after the other in random order, so that
// what is compared is measured within the same second or so. In the first block each cell begins with its floor.
[[nodiscard]] Plan make_map_plan(const MapRequest& request);

}  // namespace crosstalk::harness
