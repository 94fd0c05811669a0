// How evenly clients and drivers were served.
#pragma once

#include <span>

#include "harness/recorder.h"
#include "reports/client_curve.h"

namespace crosstalk::harness {

struct Fairness {
  double clients = 1;  // Jain's index
  double drivers = 1;
  reports::ClientCurve curve;  // of what `clients` is over
};

// Over completed / offered in an open loop, over the mean response in a closed one; never over raw counts, which differ
// because clients ask for different amounts. Client c belongs to driver c mod drivers.
[[nodiscard]] Fairness fairness_of(std::span<const ClientTally> tallies, unsigned drivers, bool open_loop);

}  // namespace crosstalk::harness
