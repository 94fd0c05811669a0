// One block: a fresh process that measures one trial of a plan, and what came of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/gate/contest.h"
#include "harness/gate/programs.h"
#include "harness/gate/surroundings.h"
#include "harness/program_call.h"
#include "reports/csv_reader.h"

namespace crosstalk::harness::gate {

// A contest with the plan of the base: every side measures rows of the same file.
struct PlannedContest {
  Contest contest;
  std::filesystem::path plan;
  std::vector<std::uint64_t> rows;  // equal but for their numbers, by which the pad before the heap is drawn
};

struct Block {
  Surroundings surroundings;
  reports::RunRow row;
  double seconds = 0;  // of the whole process
};

// What else a block is judged by than the laws of its trial, which always are: contracts of what is plugged in, and the reference
// server, which one-driver trials are compared with. They take half a second and about as long as the block, and find in each block
// what they found in the first.
enum class BlockChecks {
  all,
  few,  // no contracts, and a beginning of the operations compared
};

// What the exit code of `run` means for the gate: throws GateStop with its code, or returns where a row is to be expected, one
// that is unusable included (exit code 4). `where`: what was done, "--head: team".
void judge_end(const std::string& where, const ProgramEnd& end);

class BlockRunner {
 public:
  // `out`: the folder of the gate's results; each side and contest has one beneath it, and gate.log is what the programs said.
  // A process that takes longer than `timeout_ns` hangs.
  BlockRunner(std::filesystem::path out, std::uint64_t timeout_ns)
      : out_(std::move(out)), timeout_ns_(timeout_ns) {}

  // All throw GateStop: 8 a program that crashed, hung or is none; 3 a broken law; 6 a plan that is not understood; 7 results
  // that it could not write; 4 what cannot be measured.

  // What the program says of itself: "crosstalk 1.0.0 (commit ...)".
  [[nodiscard]] std::string version_of(const Arm& arm, std::size_t layout);
  // Does it know BlockChecks::few? Older ones compare as much as ever.
  [[nodiscard]] bool can_check_less(const Arm& arm);
  // Asks the base for a plan. `more`: flags beyond those of the contest.
  [[nodiscard]] PlannedContest planned(const Arm& base, const Contest& contest, const std::string& file,
                                       const std::vector<std::string>& more);
  [[nodiscard]] Block run(const Arm& arm, const PlannedContest& planned, const Surroundings& surroundings,
                          BlockChecks checks = BlockChecks::all);

  // Where a side's results of a contest are.
  [[nodiscard]] std::filesystem::path folder_of(const std::string& side, const Contest& contest) const {
    return out_ / side / file_name(contest.name);
  }
  // A contest's name as part of a path: '/' and blanks become '-'.
  [[nodiscard]] static std::string file_name(std::string name);

 private:
  [[nodiscard]] ProgramEnd call(const Arm& arm, const Surroundings& surroundings,
                                const std::vector<std::string>& arguments,
                                std::vector<std::string> environment = {});
  [[nodiscard]] reports::RunRow newest_row(const std::filesystem::path& folder, const std::string& where,
                                           const ProgramEnd& end);

  std::filesystem::path out_;
  std::uint64_t timeout_ns_;
  std::map<std::filesystem::path, std::size_t>
      rows_;  // "all" rows that a folder had when it was last looked at
};

}  // namespace crosstalk::harness::gate
