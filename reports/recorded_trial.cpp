#include "reports/recorded_trial.h"

#include <cmath>

namespace crosstalk::reports {

RecordedTimes recorded(const Histogram& values) {
  RecordedTimes times{.p50_ns = values.percentile(0.5),
                      .p90_ns = values.percentile(0.9),
                      .p99_ns = values.percentile(0.99),
                      .p999_ns = values.percentile(0.999),
                      .max_ns = std::nullopt,
                      .mean_ns = std::nullopt};
  if (values.empty()) return times;
  times.max_ns = values.max();
  times.mean_ns = static_cast<std::uint64_t>(std::llround(values.mean()));
  return times;
}

std::uint64_t RecordedTrial::measured_ns() const noexcept {
  std::uint64_t sum = 0;
  for (const Interval& slice : intervals) {
    if (slice.phase == "measure" && slice.op == "all") sum += slice.length_ns;
  }
  return sum;
}

RecordedTrial recorded(const RunResult& result) {
  RecordedTrial trial{.identity = result.identity,
                      .status = result.status,
                      .status_reason = result.status_reason,
                      .verified = result.verified,
                      .ops = {},
                      .intervals = result.intervals,
                      .clients = result.clients,
                      .floor_share = result.floor_share,
                      .check_cost_pct = result.check_cost_pct,
                      .cpu_user_s = result.cpu_user_s,
                      .cpu_system_s = result.cpu_system_s,
                      .rss_max_bytes = result.rss_max_bytes,
                      .allocator = result.allocator,
                      .build_type = result.build_type,
                      .compiler = result.compiler,
                      .commit = result.commit};
  for (const OpResult& op : result.ops) {
    trial.ops.push_back({.op = op.op,
                         .offered_ops_s = op.offered_ops_s,
                         .achieved_ops_s = op.achieved_ops_s,
                         .count = op.count,
                         .errors = op.errors,
                         .rejected = op.rejected,
                         .late = op.late,
                         .service = recorded(op.service),
                         .response = recorded(op.response),
                         .reach = op.reach,
                         .jain_clients = op.jain_clients});
  }
  return trial;
}

}  // namespace crosstalk::reports
