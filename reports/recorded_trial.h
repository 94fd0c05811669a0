// A trial as its folder tells it: what stands in runs.csv, intervals.csv and clients.csv, figures instead of histograms. So
// small that all trials of a folder can be held at once, and the same whether it was just measured or read back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/run_result.h"

namespace crosstalk::reports {

// Six figures of a histogram, nanoseconds. Empty: too few values.
struct RecordedTimes {
  std::optional<std::uint64_t> p50_ns, p90_ns, p99_ns, p999_ns, max_ns, mean_ns;
};
[[nodiscard]] RecordedTimes recorded(const Histogram& values);

struct RecordedOp {
  std::string op;
  std::optional<double> offered_ops_s;
  double achieved_ops_s = 0;
  std::uint64_t count = 0, errors = 0, rejected = 0, late = 0;
  RecordedTimes service, response;
  std::optional<double> reach, jain_clients;
};

struct RecordedTrial {
  TrialIdentity identity;
  Status status = Status::ok;
  std::string status_reason;
  std::optional<bool> verified;
  std::vector<RecordedOp> ops;  // first "all"
  std::vector<Interval> intervals;
  ClientService clients;
  std::optional<double> floor_share;
  std::optional<double> check_cost_pct;
  double cpu_user_s = 0, cpu_system_s = 0;
  std::uint64_t rss_max_bytes = 0;
  std::string allocator, build_type, compiler, commit;

  [[nodiscard]] const RecordedOp& all() const noexcept { return ops.front(); }
  // Measured soundly, and not known to have broken a law.
  [[nodiscard]] bool sound() const noexcept {
    return (status == Status::ok || status == Status::saturated) && verified.value_or(true);
  }
  // How long was measured: the slices together; 0 where there are none.
  [[nodiscard]] std::uint64_t measured_ns() const noexcept;
};

// As it will be read back.
[[nodiscard]] RecordedTrial recorded(const RunResult& result);

}  // namespace crosstalk::reports
