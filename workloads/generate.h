// From a scenario to a trace: one lap, closed, so that it can be repeated for as long as a trial lasts.
#pragma once

#include <cstdint>

#include "workloads/scenario.h"
#include "workloads/trace.h"

namespace crosstalk::workloads {

// When operations are due. In a closed loop the instants only give the order.
enum class ArrivalLaw : std::uint8_t { closed, constant, poisson, hawkes };

struct Arrival {
  ArrivalLaw law = ArrivalLaw::closed;
  double rate_ops_s = 0;  // of all drivers together, 0.001 to 1e9; not used when closed
};

// The same scenario, seed, clients and arrival give the same trace everywhere. Every operation is valid in
// its client's order: members post, absent clients join, and at the end of the lap everybody is where they
// began. Whoever gets a direct message has a session when it is sent, as far as the trace's order is kept;
// drivers of their own may overtake each other, and then the server refuses the message. Over a lap the
// offered rate is exact.
//
// A herd (herd.h) is lost and comes back once a lap, on top of the weights; operations at a rate are then closer
// together, in the parts of the lap in which it goes and returns.
//
// Weights count events: a session's return (a connect and its joins) is one, a join that a message makes
// necessary is counted against the churn. Kinds that a population cannot do are left out: a direct message
// with a single client, a move with a single room; who is alone in a room is not kicked. Contains no
// receive. A disconnect that is leaked (fault_leak) is left out: its client's connect and joins find the old session.
//
// Under the hawkes law arrivals come in clusters (hawkes.h) with the scenario's parameters, all clocks K times
// as fast: K = rate asked for / the scenario's own, hawkes_rate, and stands in Trace::time_scale. A cluster is a
// conversation: its messages and reads are of one room. Only there does the order of the operations depend on
// the instants, and never on the rate.
//
// Throws InputError for clients = 0, a rate out of bounds, a herd too large for the lap, or if nothing at all
// can be done.
[[nodiscard]] Trace make_trace(const Scenario& scenario, std::uint64_t seed, std::uint32_t clients,
                               const Arrival& arrival);

}  // namespace crosstalk::workloads
