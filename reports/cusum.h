// Slow drifts: the cumulative sum of Page (1954), one-sided, over the losses of nightly builds against one frozen anchor.
//
// Ten commits that each cost half a per cent pass any gate; together they are 5 % against the anchor. Each night's loss less
// half the drift looked for, in units of its standard error, is added to a sum that never falls below 0; when the sum
// exceeds the limit, the drift is there, and it began where the sum last left 0. The limit is such that without any loss an
// alarm comes once in so many nights (Siegmund 1985, formula 2.57: within 2 % of the exact one for references up to 1).
// The sum looks for losses against the anchor only: one that undoes an earlier gain is for change_points.h to find.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace crosstalk::reports {

struct DriftPoint {
  double loss = 0;   // a log-ratio against the anchor, above 0 is worse
  double error = 0;  // its standard error, at least 0
};

struct DriftRules {
  double drift = 0.02;  // looked for, a log-ratio above 0
  double runs = 500;    // between false alarms, on average
};

struct DriftAlarm {
  std::size_t since = 0;   // the first point of the drift
  std::size_t raised = 0;  // the point at which it was seen
};

struct DriftCourse {
  std::vector<double> sums{};  // a value per point
  double limit = 0;
  std::optional<DriftAlarm> alarm{};  // the first one
};

// Errors below half the drift count as half the drift: there are nights that differ by more than their own error, and so
// no single one raises an alarm unless it is far off.
[[nodiscard]] DriftCourse cusum(std::span<const DriftPoint> points, DriftRules rules = {});

// The limit, in standard errors, with which steady points raise an alarm once in `runs` when `reference`, also in standard
// errors, is taken off each. Reference above 0, runs above 1.
[[nodiscard]] double cusum_limit(double reference, double runs);

}  // namespace crosstalk::reports
