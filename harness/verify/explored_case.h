// The explored scenarios of a component as one more of its cases. They are run by programs of their own, since the explorer takes the
// place of pthread; these lie beside this program, installed or in the build tree.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/verify/trial_of_cases.h"

namespace crosstalk::harness::verify {

// What the explorer printed of one scenario.
struct ExploredScenario {
  bool passed = false;
  std::uint64_t executions = 0;
  bool to_the_end = false;  // all schedules within its bound of preemptions
  std::string memory;       // its model, in words
  std::string finding, reason, replay, table;
};

// False where the text is none of an explorer.
[[nodiscard]] bool read_explored(const std::string& text, ExploredScenario& scenario);

// Those programs of explored scenarios that are there.
[[nodiscard]] std::vector<std::filesystem::path> explorer_programs();

struct ExploreOptions {
  std::string component;  // "lock/ticket"
  double seconds = 20;    // for all of its scenarios; each gets a second at least
  std::uint64_t seed = 1;
  std::vector<std::filesystem::path> programs{};
};

// Explores them and adds what came of it. Where there is no program, or none knows the component, the case says so in its detail, and
// counts as passed: the others judge. Throws as ScratchFolder and call_program do.
void add_explored_case(ComponentOutcome& outcome, const ExploreOptions& options,
                       const std::atomic<bool>& stop);

}  // namespace crosstalk::harness::verify
