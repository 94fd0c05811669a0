// What a history says: its rows as series that may be compared, and of each whether it drifts (cusum.h) and where it changed
// (change_points.h).
//
// A series is of one machine, one anchor, one scenario with its work, and one metric; different ones are never mixed. Its points
// stand in the order of the file. All series of a machine and an anchor are a family, over which errors are paid for: a false
// alarm of drift once in `runs` nights over all of them (the limit of each is that of `runs` times their number), and a change
// at the level divided by their number.
// A drift is over when its sum is back at 0. As a sum that rose for weeks would fall for weeks, it starts anew at each change for
// the better.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reports/change_points.h"
#include "reports/cusum.h"
#include "reports/history.h"

namespace crosstalk::reports {

struct HistorySeries {
  std::vector<HistoryRow> points;  // those that are usable
  std::size_t left_out = 0;        // the others
  HistoryRow name;  // the first row: machine, anchor, scenario, work and metric are those of all
};
// In the order in which machines and anchors, and then scenarios and metrics, first appear.
[[nodiscard]] std::vector<HistorySeries> history_series(const std::vector<HistoryRow>& rows);

struct HistoryRules {
  DriftRules drift{};   // `runs` nights over a whole family
  double level = 0.01;  // of the changes of a family
  // Changes are looked for among the last so many points only, since the time for it grows with the square of their number.
  std::size_t most = 365;
  std::uint64_t seed = 1;
};

// Points between two changes.
struct HistoryStretch {
  std::size_t begin = 0, end = 0;
  double median = 0;
};

// A time in which the sum was above 0, and above its limit at some point of it.
struct Drift {
  std::size_t since = 0, raised = 0;  // the first point of it, and the one at which it was seen
  std::size_t end = 0;                // one behind its last point
  bool stands = false;                // it goes on at the last point of the series
};

struct SeriesFindings {
  HistorySeries series;
  std::size_t family = 1;  // series of the same machine and anchor
  double level = 0.01;     // that is left for each change of this series
  // Losses are log-ratios; both 0 where there is no point.
  double last = 0, median = 0;
  std::vector<double> sums{};  // of the drift, a value per point
  double limit = 0;            // above which it raises an alarm
  std::vector<Drift> drifts{};
  std::vector<ChangePoint> changes{};
  std::vector<HistoryStretch> stretches{};  // at least one where there is a point
  // Of what is left of the points that changes were looked for in, when the medians of their stretches are taken off, and
  // corrected for that.
  double lag_one = 0;
  // Correlation so high that changes and drifts may be of neighbours that resemble each other, and of nothing else.
  bool dependent = false;

  [[nodiscard]] bool drifts_now() const noexcept { return !drifts.empty() && drifts.back().stands; }
};

// In the order of history_series().
[[nodiscard]] std::vector<SeriesFindings> judge_history(const std::vector<HistoryRow>& rows,
                                                        HistoryRules rules = {});

}  // namespace crosstalk::reports
