// Switching: how the processor goes from one thread of the scenario to another: on borrowed stacks (fibers.h), or between threads of
// the kernel of which one at a time has the token (os_threads.h). Schedules, verdicts and replays are the same.
#pragma once

#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

// In the parent, with Runtime::os_threads as it will be: what that needs there. False if the system gives no more.
[[nodiscard]] bool prepare_switching() noexcept;

// A process that is to run executions: 0 in it, its number in its parent, or a negative error number.
[[nodiscard]] int fork_process() noexcept;

// In it: makes the threads usable that the executions run on. False if the system gives none.
[[nodiscard]] bool begin_switching() noexcept;

// Leaves `from` for `to`. The same thread for both: nothing happens.
void switch_threads(Thread& from, Thread& to) noexcept;

// Between the code that drives the executions and the first thread of one.
void enter_execution(Thread& first) noexcept;
[[gnu::noinline]] void leave_execution(Thread& from) noexcept;

}  // namespace crosstalk::harness::explore
