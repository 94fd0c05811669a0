// Measures two programs in pairs until the statistics know enough, or the time is over.
#pragma once

#include <chrono>
#include <optional>
#include <ostream>
#include <vector>

#include "harness/gate/block_runner.h"
#include "harness/gate/control.h"
#include "harness/gate/gate_options.h"
#include "harness/gate/gate_report.h"
#include "harness/gate/gate_stop.h"
#include "harness/gate/pairs_file.h"
#include "harness/interrupt.h"
#include "harness/progress.h"
#include "reports/sequential_gate.h"

namespace crosstalk::harness::gate {

class GateRun {
 public:
  // `err`: the progress line. Throws UsageError where --pairs is too few to show anything.
  GateRun(const GateOptions& options, std::ostream& err);

  // Whatever ends it before its verdict is in the report. Throws UsageError only.
  [[nodiscard]] GateReport run();

 private:
  using Values = std::vector<std::optional<double>>;
  using Steady = std::chrono::steady_clock;

  void prepare();
  void plan(std::size_t index);
  [[nodiscard]] std::vector<std::string> flags_of_plan(const std::string& length_flag,
                                                       const std::string& length,
                                                       std::uint64_t repetitions) const;
  void heed_signals() const;  // throws GateStop after one
  void stop_for(const GateStop& stop);
  void measure();
  void measure_order(const reports::PairOrder& order);
  void measure_control();
  // Measures, writes it to pairs.csv, and counts whether it was disturbed.
  MeasuredPair measure_pair(std::size_t contest, PairUse use, const Arm& head);
  void take_time();
  [[nodiscard]] Values values_of(const reports::RunRow& row) const;
  void count_instructions();
  void count_instructions_of(ContestReport& contest);
  void count_operations();
  void conclude();
  [[nodiscard]] double seconds() const;
  void show_progress(std::size_t contest);

  const GateOptions& options_;
  Progress progress_;
  Interrupt interrupt_;
  Steady::time_point begin_ = Steady::now();
  Steady::time_point deadline_;
  bool ended_ = false;  // the time of the search is over
  reports::SequentialGate gate_;
  Control control_;
  BlockRunner runner_;
  std::vector<int> cpus_;        // that may be used
  bool can_check_less_ = false;  // both sides: or the one that checks more would be the slower one
  std::optional<Programs> programs_;
  std::optional<PairsFile> file_;
  std::vector<PlannedContest> planned_;
  std::vector<PlannedContest> of_head_;             // the same, or slowed down on purpose
  std::vector<std::vector<std::string>> injected_;  // flags that head is slowed down by, by contest
  std::vector<std::vector<reports::RunRow>> base_rows_, head_rows_;  // of sound pairs, by contest
  std::uint64_t pairs_ = 0;
  std::size_t control_turn_ = 0;
  GateReport report_;
};

}  // namespace crosstalk::harness::gate
