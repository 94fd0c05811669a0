// From what a trial reported to a row of results.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/audit.h"
#include "harness/catalog.h"
#include "harness/plan.h"
#include "harness/trial_report.h"
#include "reports/run_result.h"
#include "workloads/trace.h"

namespace crosstalk::harness {

// What a row's result needs beside its plan and its report.
struct TrialContext {
  std::string run_id;
  std::string scenario;  // name, or the trace file's
  const workloads::Trace* trace = nullptr;
  bool oversubscribed = false;
  bool bounded_queue = true;            // of the pool: it may be full
  std::string failure;                  // why the trial did not end as it should; empty: it did
  std::string disagreement;             // with the reference server; empty: none, or not compared
  std::optional<double> floor_mean_ns;  // mean service time of the null row of the same configuration
  CheckCost check_cost;
  count::OperationCounts counts;                   // where they were asked for
  LockContention contention;                       // the same, where the trial has no anatomy of its own
  std::optional<std::uint64_t> lateness_limit_ns;  // twice what this machine shows without a server
  double ns_per_tick = 1;                          // of the trial's clock
  Audit audit;                                     // of a trial that was timed and ended as planned
};

[[nodiscard]] reports::RunResult make_result(const PlanRow& row, const Strategy& strategy,
                                             const TrialReport& report, const TrialContext& context);

// All operations of the trace together, receives apart.
[[nodiscard]] reports::Histogram service_of_all(const TrialReport& report);
[[nodiscard]] reports::Histogram lateness_of_all(const TrialReport& report);

}  // namespace crosstalk::harness
