#include "workloads/instants.h"

#include <algorithm>
#include <cmath>

#include "workloads/random.h"

namespace crosstalk::workloads {

namespace {

constexpr double kSlowIntervalS = 60;  // STATS.md, 3.2: a new value each minute

void set_even(Trace& trace, double gap_ns) {
  for (std::size_t i = 0; i < trace.ops.size(); ++i)
    trace.ops[i].intended_ns = static_cast<double>(i) * gap_ns;
}

// Given their number, the instants of a Poisson process are uniform order statistics: sums of exponential
// gaps over the sum of one gap more. The rate over a lap is exact and the gaps are exponential.
void set_poisson(Trace& trace, std::uint64_t seed) {
  RandomStream random(seed, Purpose::arrivals);
  double sum = 0;
  for (Op& op : trace.ops) op.intended_ns = sum += random.exponential();
  sum += random.exponential();
  const double scale = trace.lap_ns / sum;
  for (Op& op : trace.ops) op.intended_ns *= scale;
}

// A lap may be an operation or two short of its events: those passed over lie evenly spread.
void set_clustered(Trace& trace, std::span<const HawkesEvent> events, double events_lap) {
  const double scale = trace.lap_ns / events_lap;
  const double below = std::nextafter(trace.lap_ns, 0.0);
  for (std::size_t i = 0; i < trace.ops.size(); ++i) {
    const std::size_t event = i * events.size() / trace.ops.size();
    trace.ops[i].intended_ns = std::min(events[event].time * scale, below);
  }
}

}  // namespace

std::vector<HawkesEvent> make_events(const Scenario& scenario, std::uint64_t seed) {
  const HawkesLaw law{.branching = scenario.hawkes_branching,
                      .decay = scenario.hawkes_decay_s,
                      .slow_sd = scenario.hawkes_slow_sd,
                      .slow_interval = kSlowIntervalS};
  return make_hawkes(law, scenario.lap_operations / scenario.hawkes_rate, scenario.lap_operations, seed);
}

void set_instants(Trace& trace, const Scenario& scenario, std::uint64_t seed, const Arrival& arrival,
                  std::span<const HawkesEvent> events) {
  constexpr double kClosedGapNs = 1000;  // closed loop: only the order counts
  const double gap_ns = arrival.law == ArrivalLaw::closed ? kClosedGapNs : 1e9 / arrival.rate_ops_s;
  trace.lap_ns = static_cast<double>(trace.ops.size()) * gap_ns;
  if (arrival.law == ArrivalLaw::poisson) return set_poisson(trace, seed);
  if (arrival.law != ArrivalLaw::hawkes) return set_even(trace, gap_ns);
  trace.time_scale = arrival.rate_ops_s / scenario.hawkes_rate;
  set_clustered(trace, events, scenario.lap_operations / scenario.hawkes_rate);
}

}  // namespace crosstalk::workloads
