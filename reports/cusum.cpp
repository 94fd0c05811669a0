#include "reports/cusum.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "reports/paired.h"

namespace crosstalk::reports {

namespace {

constexpr double kOvershoot =
    1.166;  // a sum ends that much beyond both its ends, which the formula has as barriers

double run_length(double reference, double limit) {
  const double x = 2 * reference * (limit + kOvershoot);
  return (std::exp(x) - x - 1) / (2 * reference * reference);
}

}  // namespace

double cusum_limit(double reference, double runs) {
  double low = 0;
  double high = 1;
  while (run_length(reference, high) < runs) high *= 2;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (run_length(reference, middle) < runs ? low : high) = middle;
  }
  return (low + high) / 2;
}

DriftCourse cusum(std::span<const DriftPoint> points, DriftRules rules) {
  const double half = rules.drift / 2;
  std::vector<double> references;
  for (const DriftPoint& point : points) references.push_back(half / std::max(point.error, half));
  DriftCourse course;
  if (points.empty()) return course;
  course.limit = cusum_limit(median(references), rules.runs);
  double sum = 0;
  std::size_t since = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (sum == 0) since = i;
    sum = std::max(0.0, sum + (points[i].loss - half) / std::max(points[i].error, half));
    course.sums.push_back(sum);
    if (sum > course.limit && !course.alarm) course.alarm = DriftAlarm{since, i};
  }
  return course;
}

}  // namespace crosstalk::reports
