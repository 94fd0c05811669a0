// The trials of a map of winners, sorted by cell, and what the tournament says of each cell.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "harness/map_plan.h"
#include "harness/tournament_field.h"
#include "reports/run_result.h"
#include "reports/winner_map.h"

namespace crosstalk::harness {

class WinnerField {
 public:
  explicit WinnerField(const MapRequest& request);

  // Results of other loads than the map's are none of its business.
  void add(const reports::RunResult& result);

  // A row for each cell, in the order of the request: empty where nothing of it was measured.
  [[nodiscard]] std::vector<reports::MapRow> judge() const;

  // "12 of 768 trials cannot be used: contaminated 10, failed 2"; empty where all can.
  [[nodiscard]] std::string unsound() const;

 private:
  struct Cell {
    MapCell cell;
    std::uint64_t outside_scaled_ns = 0;
    LoadField field;
  };

  std::vector<Cell> cells_;
  std::map<std::string, std::size_t> place_;  // by what identifies the load
  std::map<reports::Status, std::size_t> unsound_;
  std::size_t trials_ = 0;
  std::string run_id_;
};

}  // namespace crosstalk::harness
