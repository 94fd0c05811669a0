// What crosstalk_gate_replay is asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/gate/gate_replay.h"

namespace crosstalk::harness::gate {

struct ReplayOptions {
  std::vector<std::string> recorded{};  // files
  std::string name{};                   // of the plan, for the rows
  ReplayPlan plan{};
  std::vector<double> effects{};
  bool one = false;  // of the solo contests one is slowed down, in turn; else all that have a direct path
  std::size_t trials = 0;
  std::uint64_t seed = 0;

  [[nodiscard]] ReplayEffect effect(double share, std::size_t trial) const;
};

// Throws UsageError.
[[nodiscard]] ReplayOptions parse_replay(const std::vector<std::string>& arguments);
[[nodiscard]] std::string replay_help();

}  // namespace crosstalk::harness::gate
