// Runs base and head under callgrind and counts (see instructions.h for what).
#pragma once

#include <filesystem>
#include <string>

#include "harness/gate/block_runner.h"
#include "harness/gate/instructions.h"

namespace crosstalk::harness::gate {

class InstructionCounter {
 public:
  // `out`: the gate's folder; callgrind's files stay there, in instructions/, for callgrind_annotate.
  InstructionCounter(std::filesystem::path out, BlockRunner& runner, std::uint64_t seed)
      : out_(std::move(out)), runner_(runner), seed_(seed) {}

  // The base makes the plans, head's with `head_flags` beside. The contest is_solo(). Throws GateStop as BlockRunner does.
  [[nodiscard]] InstructionChange count(const Arm& base, const Arm& head, const Contest& contest,
                                        const std::vector<std::string>& head_flags);

 private:
  [[nodiscard]] FunctionCounts counted(const Arm& arm, const PlannedContest& planned,
                                       const std::string& label);
  [[nodiscard]] InstructionCounts counted_per_operation(const Arm& arm, const PlannedContest& few,
                                                        const PlannedContest& many);

  std::filesystem::path out_;
  BlockRunner& runner_;
  std::uint64_t seed_;
};

// The path of valgrind; empty: it is not installed. `path`: as the variable PATH has it.
[[nodiscard]] std::filesystem::path find_valgrind(const std::string& path);

}  // namespace crosstalk::harness::gate
