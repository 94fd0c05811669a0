// Lets base and head count what their operations do (run --count).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/gate/block_runner.h"
#include "harness/gate/op_counts.h"

namespace crosstalk::harness::gate {

class OperationCounter {
 public:
  OperationCounter(BlockRunner& runner, std::uint64_t seed) : runner_(runner), seed_(seed) {}

  // Twice on each side: what differs then is not called exact. The base makes the plans, that of head with `head_flags` beside the
  // others. Throws GateStop as BlockRunner does, and where one side has no counts, as a program that is too old for them.
  [[nodiscard]] std::vector<OpCount> count(const Arm& base, const Arm& head, const Contest& contest,
                                           const std::vector<std::string>& head_flags = {});

 private:
  [[nodiscard]] std::vector<reports::RunRow> counted(const Arm& arm, const PlannedContest& planned);

  BlockRunner& runner_;
  std::uint64_t seed_;
};

}  // namespace crosstalk::harness::gate
