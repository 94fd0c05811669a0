// The operational laws (Denning and Buzen, "The operational analysis of queueing network models", 1978) as an audit of
// the measurement itself: they hold for any finite run of any system, whatever its arrivals and its service, so where
// they fail the harness has lost, doubled or mistimed operations. Pure functions.
//
// Little's law over a window [0, T]. Every operation adds the part of its stay that overlaps the window to the integral
// of the number in the system, and nothing else does:
//
//   ended inside, began inside        end - start                      = its residence
//   ended inside, began before        end - 0                          = its residence - the part before the window
//   open at the end                   T - max(start, 0)
//   ended before, or began after      0
//
//   integral of N  =  residence_sum - clipped_before + open_at_end                                            (exact)
//
// With both corrections this is an identity, not an approximation: no stationarity is asked for, and no length of the
// window. What remains is the error of the clocks: two readings of each instant (counter and recorder) that differ by d
// shift the sum by at most d per operation. Without the corrections, L = X R with R over the completed is wrong by up to
// one residence per operation in the system at either edge: with N in the system, relatively by about R / T.
//
// Closed loop, N = X (R + Z): a client is either served or thinking, so N T is the sum of all cycles' overlaps; X and the
// means are of completed cycles, whose parts before the window count and whose open parts at its end do not. No
// correction is kept for that law: it is exact only up to one cycle a client, relatively (R + Z) / T, which in a
// stationary run cancels on average. R must be from the actual start: in a closed loop nothing is intended earlier.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crosstalk::reports {

// Above it a law counts as broken.
inline constexpr double kLawBound = 0.02;

// What passed one stage (the queue, the server, both) in a window. Seconds, or operation-seconds.
struct StageFlow {
  double window_s = 0;
  double in_flight_integral_s = 0;  // of the number in the stage, from a counter kept apart from the recorder
  std::uint64_t completed_inside = 0;
  double residence_sum_s = 0;   // of (end - start) of operations that ended inside the window
  double clipped_before_s = 0;  // the part of those residences before the window began
  double open_at_end_s = 0;     // time inside the window of operations still open at its end
};

// |integral - (residence_sum - clipped_before + open_at_end)|, relative to the larger of the two: between 0 and 1 for
// possible input, 0 where nothing passed.
[[nodiscard]] double little_error(const StageFlow& flow);

// |X (R + Z) - N| / N. `n` clients, throughput in operations a second, mean residence and mean think time in seconds.
[[nodiscard]] double closed_loop_error(double n, double x_ops_s, double r_s, double z_s);

// One sentence that says what does not fit, or nothing. `stage` names the stage in it. Also refuses what no run can
// yield: negative times, parts longer than the whole, an integral without an operation.
[[nodiscard]] std::optional<std::string> audit_failure(std::string_view stage, const StageFlow& flow);

struct ClosedLoop {
  double n = 0;        // clients that were never idle but for their think time
  double x_ops_s = 0;  // completed per second
  double r_s = 0;      // mean residence, from the actual start
  double z_s = 0;      // mean think time
  double window_s = 0;
};

// The bound is 2 % or, in a window that holds fewer than 50 cycles, one cycle per client: there the law says no more.
[[nodiscard]] std::optional<std::string> audit_failure(const ClosedLoop& loop);

}  // namespace crosstalk::reports
