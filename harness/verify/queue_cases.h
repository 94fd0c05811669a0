// How a queue is tried: a crowd whose history is judged, and as many elements as threads, of which each holds one at most.
#pragma once

#include <vector>

#include "harness/verify/any_queue.h"
#include "harness/verify/case_run.h"

namespace crosstalk::harness::verify {

[[nodiscard]] std::vector<VerifyCase> queue_cases(const AnyQueue& any);

}  // namespace crosstalk::harness::verify
