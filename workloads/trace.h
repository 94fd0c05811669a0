// A trace: who is where at the start, and what every client then does, in order. Made before timing and the
// same for every strategy; `hash` stands in every result row so that only equal traces are compared.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/op.h"

namespace crosstalk::workloads {

struct Membership {
  std::uint32_t client = 0;
  std::uint32_t room = 0;
  friend bool operator==(const Membership&, const Membership&) = default;
};

// What a replay had to interpret (see replay.h); all zero for generated traces.
struct ReplayNotes {
  std::uint64_t repeated_joins = 0;      // join while present: nothing to do, dropped
  std::uint64_t absent_leaves = 0;       // leave while absent: nothing to do, dropped
  std::uint64_t implied_joins = 0;       // message while absent: a join was put before it
  std::uint64_t repeated_connects = 0;   // connect while connected: dropped
  std::uint64_t absent_disconnects = 0;  // disconnect while not connected: dropped
  std::uint64_t implied_connects = 0;    // an operation after a disconnect: a connect was put before it
  std::uint64_t lurkers = 0;             // silent members added
  friend bool operator==(const ReplayNotes&, const ReplayNotes&) = default;
};

struct Trace {
  std::uint32_t clients = 0;
  std::uint32_t rooms = 0;
  std::vector<std::uint32_t> connected;  // clients that have a session at the start, ascending
  std::vector<Membership> members;       // memberships at the start, ascending by (room, client)
  std::vector<Op> ops;                   // ascending by (llround(intended_ns), client, sequence)
  double lap_ns = 0;                     // length of one lap: lap n's instants are n * lap_ns + intended_ns
  bool repeats = true;                   // generated laps are closed and repeat; replays run once
  double time_scale = 1;                 // replay, hawkes: the time of real chat divided by this
  ReplayNotes notes;
  std::uint64_t hash = 0;  // hash_of(*this)
};

// FNV-style 64-bit hash over the prefill and all operations in trace order; independent of drivers, compiler
// and machine. Instants count to the nanosecond.
[[nodiscard]] std::uint64_t hash_of(const Trace& trace) noexcept;

// Brings operations whose instants ascend into the order of a trace: those that fall on one nanosecond are
// put in order of (client, sequence), which does not depend on how they were made or spread over drivers.
void order_within_instants(std::vector<Op>& ops);

// The operations of each driver, in order: client c belongs to driver c mod drivers. drivers > 0.
[[nodiscard]] std::vector<std::vector<Op>> split_by_driver(const Trace& trace, unsigned drivers);

}  // namespace crosstalk::workloads
