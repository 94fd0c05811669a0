// Image: the program's own globals and thread-local variables as they were before the first execution, put back before every other.
// So a scenario may have function statics, free lists and the like without a process for each execution. Not those of shared
// libraries.
#pragma once

#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

// In the parent: finds them, and memory for their copy; false if there is none.
[[nodiscard]] bool map_image() noexcept;
// In the exploring child, before the first execution.
void keep_globals() noexcept;
void put_globals_back() noexcept;
// Those of the thread that runs.
void put_thread_locals_back() noexcept;

}  // namespace crosstalk::harness::explore
