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

// Stretches and shrinks time between the knots, so that the operations at them are due when they should be; in
// between, gaps keep their proportions. Instants ascend, so the knots are walked once.
void bend(Trace& trace, std::span<const LapKnot> knots) {
  struct Point {
    double before = 0;
    double after = 0;
  };
  std::vector<Point> points{{0, 0}};
  for (const LapKnot& knot : knots) {
    const double before = knot.index < trace.ops.size() ? trace.ops[knot.index].intended_ns : trace.lap_ns;
    points.push_back({before, knot.time * trace.lap_ns});
  }
  points.push_back({trace.lap_ns, trace.lap_ns});
  const double below = std::nextafter(trace.lap_ns, 0.0);
  std::size_t next = 1;
  double last = 0;
  for (Op& op : trace.ops) {
    // Points with the same instant before: a stretch in which nothing happens.
    while (next + 1 < points.size() && points[next].before <= op.intended_ns) ++next;
    const Point& from = points[next - 1];
    const Point& to = points[next];
    const double gone = (op.intended_ns - from.before) / (to.before - from.before);
    last = std::clamp(from.after + (to.after - from.after) * gone, last, below);
    op.intended_ns = last;
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
                  std::span<const HawkesEvent> events, std::span<const LapKnot> knots) {
  constexpr double kClosedGapNs = 1000;  // only the order counts
  const bool closed = arrival.law == ArrivalLaw::closed;
  const double gap_ns = closed ? kClosedGapNs : 1e9 / arrival.rate_ops_s;
  trace.lap_ns = static_cast<double>(trace.ops.size()) * gap_ns;
  switch (arrival.law) {
    case ArrivalLaw::closed:
    case ArrivalLaw::constant:
      set_even(trace, gap_ns);
      break;
    case ArrivalLaw::poisson:
      set_poisson(trace, seed);
      break;
    case ArrivalLaw::hawkes:
      trace.time_scale = arrival.rate_ops_s / scenario.hawkes_rate;
      set_clustered(trace, events, scenario.lap_operations / scenario.hawkes_rate);
      break;
  }
  if (!closed && !knots.empty()) bend(trace, knots);
}

}  // namespace crosstalk::workloads
