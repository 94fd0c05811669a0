// What happens between the operations of a closed loop: --outside and --repeat.
#pragma once

#include "harness/plan.h"
#include "harness/settings.h"

namespace crosstalk::harness {

// Load, path and think time of the row are known. Throws UsageError.
void read_between(const Settings& settings, PlanRow& row);

}  // namespace crosstalk::harness
