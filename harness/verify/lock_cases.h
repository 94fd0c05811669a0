// How a lock is tried: threads that take it in every form it has, drills whose outcome is known, and a crowd.
#pragma once

#include <vector>

#include "harness/verify/any_lock.h"
#include "harness/verify/case_run.h"

namespace crosstalk::harness::verify {

// None for a lock of one thread, which promises nothing that could be checked.
[[nodiscard]] std::vector<VerifyCase> lock_cases(const AnyLock& lock);

// lock_drills.cpp
void drill_lock(CaseRun& run, const AnyLock& lock);
void flood_lock(CaseRun& run, const AnyLock& lock);
void drill_lock_by_wall_clock(CaseRun& run, const AnyLock& lock);

// lock_stress.cpp
void stress_lock(CaseRun& run, const AnyLock& lock);

}  // namespace crosstalk::harness::verify
