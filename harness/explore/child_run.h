// ChildRun: executions in a forked child, watched by its parent.
#pragma once

#include <string>

#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

struct ChildRun {
  Finding finding = Finding::none;
  std::string reason;
};

// Runs the plan in a child. A child that makes no progress for `patience_s` seconds in which its parent ran is ended: a hang.
// Throws std::runtime_error where the system starts no process.
[[nodiscard]] ChildRun run_in_child(const SearchPlan& plan, int patience_s);

}  // namespace crosstalk::harness::explore
