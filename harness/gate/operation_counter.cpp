#include "harness/gate/operation_counter.h"

#include <algorithm>
#include <set>
#include <string>

#include "harness/gate/gate_stop.h"

namespace crosstalk::harness::gate {

namespace {

constexpr int kTimes = 2;

}  // namespace

std::vector<reports::RunRow> OperationCounter::counted(const Arm& arm, const PlannedContest& planned) {
  // In a folder of its own: what the pairs measured is in that of the arm.
  const Arm counting{"counts-" + arm.name, arm.flag, arm.layouts};
  std::set<std::string> runs;  // others may be there, of an earlier gate
  for (int i = 0; i < kTimes; ++i) runs.insert(runner_.run(counting, planned, {}).row.run_id);
  std::vector<reports::RunRow> rows =
      reports::read_runs(runner_.folder_of(counting.name, planned.contest) / "runs.csv");
  std::erase_if(rows, [&](const reports::RunRow& row) { return !runs.contains(row.run_id); });
  if (std::none_of(rows.begin(), rows.end(), [](const reports::RunRow& row) { return row.counted_ops; }))
    throw GateStop(6, arm.flag + ": counting operations of " + planned.contest.name + ": it counts none");
  return rows;
}

std::vector<OpCount> OperationCounter::count(const Arm& base, const Arm& head, const Contest& contest,
                                             const std::vector<std::string>& head_flags) {
  // The trial that goes with the counts is as short as it can be, and nobody looks at it. A store on the disk cannot be counted.
  std::vector<std::string> flags{"--count",
                                 "--ops",
                                 "10000",
                                 "--warmup",
                                 "0",
                                 "--checks",
                                 "off",
                                 "--repetitions",
                                 "1",
                                 "--store",
                                 "memory",
                                 "--seed",
                                 std::to_string(seed_),
                                 "--foreign-limit",
                                 "100",
                                 "--timeout",
                                 "600s"};
  const std::string name = BlockRunner::file_name(contest.name);
  const PlannedContest planned = runner_.planned(base, contest, name + "-count.csv", flags);
  const std::vector<reports::RunRow> of_base = counted(base, planned);
  if (head_flags.empty()) return replayed_counts(of_base, counted(head, planned));
  flags.insert(flags.end(), head_flags.begin(), head_flags.end());
  return replayed_counts(of_base,
                         counted(head, runner_.planned(base, contest, name + "-count-slowed.csv", flags)));
}

}  // namespace crosstalk::harness::gate
