// OsThreads: the portable way of switching, without a line of assembler: the threads of the scenario are threads of the kernel, all
// on one processor, and run one at a time, as the token goes from one to the next. Some ten times slower than fibers.
#pragma once

#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

// In a fresh child: starts them all; they wait for the token. False if the system gives no more.
[[nodiscard]] bool start_os_threads() noexcept;

// Hands the token over, and returns when `from` gets it again.
void switch_os_threads(Thread& from, Thread& to) noexcept;
void enter_os_threads(Thread& first) noexcept;
void leave_os_threads(Thread& from) noexcept;

}  // namespace crosstalk::harness::explore
