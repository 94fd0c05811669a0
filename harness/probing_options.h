// The flags of run that have locks and operations looked at: --anatomy and --count.
#pragma once

#include "harness/plan.h"
#include "harness/settings.h"

namespace crosstalk::harness {

// Into a row of which path, pool, dispatch, store and latency are known. Throws UsageError.
void read_probing(Settings& settings, PlanRow& row);

}  // namespace crosstalk::harness
