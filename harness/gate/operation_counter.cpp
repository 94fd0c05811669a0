#include "harness/gate/operation_counter.h"

#include <algorithm>

#include "harness/gate/gate_stop.h"

namespace crosstalk::harness::gate {

namespace {

constexpr int kTimes = 2;

}  // namespace

std::vector<reports::RunRow> OperationCounter::counted(const Arm& arm, const PlannedContest& planned) {
  // In a folder of its own: what the pairs measured is in that of the arm.
  const Arm counting{"counts-" + arm.name, arm.flag, arm.layouts};
  for (int i = 0; i < kTimes; ++i) static_cast<void>(runner_.run(counting, planned, {}));
  std::vector<reports::RunRow> rows =
      reports::read_runs(runner_.folder_of(counting.name, planned.contest) / "runs.csv");
  if (std::none_of(rows.begin(), rows.end(), [](const reports::RunRow& row) { return row.counted_ops; }))
    throw GateStop(6, arm.flag + ": counting operations of " + planned.contest.name + ": it counts none");
  return rows;
}

std::vector<OpCount> OperationCounter::count(const Arm& base, const Arm& head, const Contest& contest) {
  // The trial that goes with the counts is as short as it can be, and nobody looks at it. A store on the disk cannot be counted.
  const PlannedContest planned = runner_.planned(
      base, contest, BlockRunner::file_name(contest.name) + "-count.csv",
      {"--count", "--ops", "10000", "--warmup", "0", "--checks", "off", "--repetitions", "1", "--store",
       "memory", "--seed", std::to_string(seed_), "--foreign-limit", "100", "--timeout", "600s"});
  const std::vector<reports::RunRow> of_base = counted(base, planned);
  return replayed_counts(of_base, counted(head, planned));
}

}  // namespace crosstalk::harness::gate
