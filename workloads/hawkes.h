// Self-exciting arrivals (Hawkes, Biometrika 1971) as clusters (Hawkes and Oakes, J. Appl. Prob. 1974): what
// nobody caused arrives at random, each event causes a Poisson number of others, exponential delays after it.
// That is how people talk: a message has answers, which have answers, and a cluster is a conversation.
//
// One lap, closed to a circle: a delay that runs over the end comes in at the begin, so that laps put one after
// the other are one stationary process without a border. The number of events is given and so the rate over a
// lap is exact; in windows much shorter than the lap, counts vary as those of the process do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace crosstalk::workloads {

// Times in any one unit, that of the lap.
struct HawkesLaw {
  double branching = 0;      // events that one event causes, on average; 0 <= branching < 1; 0: Poisson
  double decay = 1;          // mean delay after the cause, > 0
  double slow_sd = 0;        // the rate of what nobody caused is multiplied by a lognormal factor with this
  double slow_interval = 1;  // standard deviation of the logarithm and with a new value each interval; > 0
};

struct HawkesEvent {
  double time = 0;            // 0 <= time < lap
  std::uint32_t cluster = 0;  // 0, 1, 2, ...: events with one number go back to one first event
};

// `count` events, ascending by time. The same arguments give the same events everywhere. At most 2^22 values of
// the slow factor: beyond, each lasts longer. O(count log count).
[[nodiscard]] std::vector<HawkesEvent> make_hawkes(const HawkesLaw& law, double lap, std::size_t count,
                                                   std::uint64_t seed);

// Variance over mean of the counts in windows of length `window`, in theory, for slow_sd = 0: it does not depend
// on the rate (Hawkes 1971, integrated for the exponential kernel).
[[nodiscard]] double hawkes_fano(const HawkesLaw& law, double window) noexcept;

}  // namespace crosstalk::workloads
