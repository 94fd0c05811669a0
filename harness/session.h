// Runs the rows of a plan, one trial in a child process each, and hands every result on as soon as it is there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "harness/calibration.h"
#include "harness/catalog.h"
#include "harness/interrupt.h"
#include "harness/placement.h"
#include "harness/plan.h"
#include "harness/reference_check.h"
#include "harness/trace_source.h"
#include "reports/run_result.h"

namespace crosstalk::harness {

class Session {
 public:
  // `catalog` and `interrupt` must outlive the session. What a trial's store keeps on disk stands in `folder` while the
  // trial runs. `calibration`: of this machine, if there is one. `reference_ops`: see ReferenceCheck. Measures the clock (20 ms).
  Session(const Catalog& catalog, std::string run_id, const Interrupt& interrupt,
          std::filesystem::path folder = std::filesystem::temp_directory_path(),
          std::optional<Calibration> calibration = std::nullopt,
          std::uint64_t reference_ops = ~std::uint64_t{0});

  // One trial. A strategy that crashes or hangs gives a failed result. Throws workloads::InputError for a row that
  // cannot be run (no such strategy, scenario or trace) and std::system_error if no child can be made.
  // `watch`, which must not throw, sees the report now and then while the trial runs, and its live series grow; a trial of
  // less than a second is left in peace.
  using Watch = std::function<void(const TrialReport&)>;
  [[nodiscard]] reports::RunResult run(const PlanRow& row, const Watch& watch = {});

  // Makes or reads the trace of a row ahead of its trial.
  void prepare(const PlanRow& row) { traces_.get(row); }

  [[nodiscard]] bool interrupted() const noexcept { return interrupt_.signal() != 0; }

 private:
  struct Floor {
    double mean_ns = 0;
    std::optional<std::uint64_t> lateness_p99_ns;
  };

  // What a generator is allowed to be late at p99: twice what the null server, or the machine alone, shows.
  [[nodiscard]] std::optional<std::uint64_t> lateness_limit_ns(const PlanRow& row, const Floor& floor) const;
  // What the live checks cost the strategy with these operations; measured once, in a child of its own, and only for trials of
  // a second or more, which it lengthens little. Without pairs: not measured.
  [[nodiscard]] CheckCost check_cost(const Strategy& strategy, const PlanRow& row, const TrialInput& trial);
  // What the strategy's operations do, counted in a child of its own; once for all trials with the same answer.
  [[nodiscard]] count::OperationCounts counts(const Strategy& strategy, const PlanRow& row,
                                              const TrialInput& trial);
  // How often its locks are found taken: a short trial with anatomy, where several drivers meet and the trace does not end.
  [[nodiscard]] LockContention contention(const Strategy& strategy, const PlanRow& row,
                                          const TrialInput& trial) const;
  [[nodiscard]] TrialInput input_of(const PlanRow& row, const PreparedTrace& trace,
                                    const Placement& placement) const;

  const Catalog& catalog_;
  std::string run_id_;
  const Interrupt& interrupt_;
  std::filesystem::path folder_;
  std::optional<Calibration> calibration_;
  Clock clock_;
  std::vector<Processor> processors_;
  TraceSource traces_;
  ReferenceCheck reference_;
  double outside_steps_per_ns_ = 0;      // 0: not measured yet
  std::map<std::string, Floor> floors_;  // latest null row by configuration
  std::map<std::pair<std::string, std::uint64_t>, CheckCost> check_costs_;  // by strategy and trace hash
  std::map<std::pair<std::string, std::uint64_t>, count::OperationCounts>
      counts_;  // by configuration and trace hash
};

}  // namespace crosstalk::harness
