// A trace in a few figures.
#pragma once

#include <array>
#include <cstdint>

#include "workloads/op.h"
#include "workloads/trace.h"

namespace crosstalk::workloads {

struct TraceSummary {
  std::uint32_t clients = 0;
  std::uint32_t rooms = 0;
  std::uint64_t sessions = 0;                       // at the start
  std::uint64_t memberships = 0;                    // at the start
  std::uint64_t operations = 0;                     // of a lap
  std::array<std::uint64_t, kOpKindCount> count{};  // of each OpKind

  // What one lap delivers if the operations run in the order of the trace: a post to every other member, a
  // direct message to its target if that has a session.
  std::uint64_t deliveries = 0;
  double fan_out_mean = 0;    // deliveries per post; 0 without posts
  double top_room_share = 0;  // of the posts: those in the busiest room

  // Of posts and direct messages; 0 without any. Percentiles are by nearest rank.
  double length_mean_bytes = 0;
  std::uint32_t length_p50_bytes = 0;
  std::uint32_t length_p90_bytes = 0;
  std::uint32_t length_p99_bytes = 0;
  std::uint32_t length_max_bytes = 0;

  double duration_ns = 0;  // of a lap
  double rate_mean_ops_s = 0;
  double rate_peak_ops_s = 0;  // in the busiest whole second; the mean where the lap is shorter than two
};

[[nodiscard]] TraceSummary describe(const Trace& trace);

}  // namespace crosstalk::workloads
