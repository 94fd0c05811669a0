// What is printed of a component that was judged: pages for people.
#pragma once

#include <string>

#include "harness/verify/component.h"
#include "harness/verify/replay.h"
#include "harness/verify/trial_of_cases.h"

namespace crosstalk::harness::verify {

// Two digits behind the point.
[[nodiscard]] std::string hundredths(double seconds);
[[nodiscard]] const char* word_of(Verdict verdict);
// What `failed` can be run again with, as it was: a string for --replay, or, of an explored scenario, the whole command.
[[nodiscard]] std::string replay_of(const Component& component, const CaseOutcome& failed);

// What broke, how it was seen, what the contract says, how to meet it again, and what happened last.
[[nodiscard]] std::string failure_page(const Component& component, const CaseOutcome& failed);
// The failure, if there is one, else what was exercised and what was not covered.
[[nodiscard]] std::string component_page(const Component& component, const ComponentOutcome& outcome);
// Of one case that was run again: the failure, or in one paragraph that it was not met.
[[nodiscard]] std::string replay_page(const Component& component, const ComponentOutcome& outcome,
                                      const Replay& replay);

}  // namespace crosstalk::harness::verify
