// Blocks of several runs side by side. A block is known by its number: rows of one plan that were measured by different
// processes share their blocks, but the blocks of a second run of its own are further blocks.
#pragma once

#include <vector>

#include "reports/recorded_trial.h"

namespace crosstalk::reports {

// Where a run has a strategy under the same load in a block that an earlier run has it in, its blocks become further ones:
// all of its numbers are raised beyond those before it. Others keep theirs.
void settle_blocks(std::vector<RecordedTrial>& trials);

}  // namespace crosstalk::reports
