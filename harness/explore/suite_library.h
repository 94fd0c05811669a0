// SuiteLibrary: a shared library that was compiled with the hooks, for the regression suite.
#pragma once

namespace crosstalk::harness::explore {

// One counter for the whole process.
void add_in_library_unlocked();
void add_in_library_locked();
[[nodiscard]] int count_of_library();

}  // namespace crosstalk::harness::explore
