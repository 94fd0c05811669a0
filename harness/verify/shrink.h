// A smaller failure says more: the same case again with fewer threads and operations, as long as the same property breaks.
#pragma once

#include <atomic>

#include "harness/verify/trial_of_cases.h"

namespace crosstalk::harness::verify {

// The smallest failure found within about `seconds`; the one given, if there is none smaller.
[[nodiscard]] CaseOutcome shrink(const VerifyCase& one, const CaseOutcome& failure, double seconds,
                                 const std::atomic<bool>* stop = nullptr);

}  // namespace crosstalk::harness::verify
