// Whether a series of interval values (completed per interval, say) became steady, and whether it stayed so.
//
// Entering is decided as fio's `ss=` does: over a window of k intervals both the least-squares slope and the largest
// deviation from the mean are inside a limit. fio ends a job there and so cannot tell that the state was left again; here
// the rest of the series is looked at too.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace crosstalk::reports {

struct SteadyLimits {
  std::size_t window = 10;  // intervals, at least 2
  double slope_pct = 5;     // change along the fitted line over a whole window, per cent of the window's mean
  double deviation_pct =
      20;  // largest |value - mean|, per cent of the window's mean; infinity: not asked for
  double leaving_factor =
      1.5;  // limits are wider for leaving than for entering, so that noise does not look like it
};

// How one window looks. Both infinite where it has no positive mean or holds a value that is not finite.
struct WindowShape {
  double mean = 0;
  double slope_pct = 0;      // signed
  double deviation_pct = 0;  // not negative
};
[[nodiscard]] WindowShape window_shape(std::span<const double> values);

struct SteadyState {
  std::size_t entered = 0;  // first interval of the first window inside both limits
  double mean = 0;          // of that window
  std::optional<std::size_t>
      left;  // the interval with which it ended: the last one of the first window outside
};

// Left is also who creeps away: a window whose mean differs from that of the entering window by more than the limit of
// the deviation, however slowly it came to that. Empty: never steady, or fewer values than a window has.
[[nodiscard]] std::optional<SteadyState> find_steady_state(std::span<const double> values,
                                                           const SteadyLimits& limits);

}  // namespace crosstalk::reports
