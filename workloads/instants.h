// When the operations of a generated lap are due.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "workloads/generate.h"
#include "workloads/hawkes.h"
#include "workloads/herd.h"
#include "workloads/scenario.h"
#include "workloads/trace.h"

namespace crosstalk::workloads {

// The arrivals of a lap under the hawkes law, in seconds of real chat; operation n is event n.
[[nodiscard]] std::vector<HawkesEvent> make_events(const Scenario& scenario, std::uint64_t seed);

// Gives n operations ascending instants, so that a lap of them lasts exactly n / rate, and the trace its
// lap_ns and time_scale. `events` is what make_events made, and empty for other laws. `knots` are those of a
// herd, and none without: where they are, the rate is higher or lower than elsewhere in the lap.
void set_instants(Trace& trace, const Scenario& scenario, std::uint64_t seed, const Arrival& arrival,
                  std::span<const HawkesEvent> events, std::span<const LapKnot> knots);

}  // namespace crosstalk::workloads
