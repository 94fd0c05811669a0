// For the tests of this folder: a scenario that has everything, and what every generated lap must be.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <vector>

#include "workloads/generate.h"
#include "workloads/occupancy.h"
#include "workloads/test_files.h"

namespace crosstalk::workloads {

// Everything at once.
inline Scenario busy() {
  Scenario scenario = built_in("community");
  scenario.rooms = 20;
  scenario.move = 0.3;
  scenario.direct = 0.5;
  scenario.disconnect_share = 0.4;
  scenario.kick_share = 0.3;
  scenario.upload = 0.1;
  scenario.lap_operations = 20'000;
  return scenario;
}

inline std::map<OpKind, double> counts_of(const Trace& trace) {
  std::map<OpKind, double> counts;
  for (const Op& op : trace.ops) counts[op.kind] += 1;
  return counts;
}

// Walks a lap: everything is accepted, clients' sequences have no gap, and the end is the start.
inline void check_closed(const Trace& trace, std::uint32_t lap_operations) {
  CHECK(trace.ops.size() <= lap_operations);
  CHECK(trace.ops.size() + 2 >= lap_operations);
  const Occupancy start(trace);
  Occupancy now = start;
  std::vector<std::uint32_t> sequences(trace.clients);
  std::size_t refused = 0;
  std::size_t gaps = 0;
  for (const Op& op : trace.ops) {
    gaps += op.sequence == sequences.at(op.client)++ ? 0 : 1;
    refused += op.room < trace.rooms && now.apply(op) ? 0 : 1;
  }
  CHECK(refused == 0);
  CHECK(gaps == 0);
  CHECK((now == start));
  CHECK(trace.hash == hash_of(trace));
}

}  // namespace crosstalk::workloads
