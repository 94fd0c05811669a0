// Fibers on borrowed threads: real threads are started and parked for good; one thread of the kernel then runs on their stacks with
// their thread pointers. So thread_local and pthread_self() are each thread's own, and a switch costs some ten nanoseconds.
// Linux on x86-64.
#pragma once

#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

// Starts and parks the threads that are still missing; false if the system gives no more. In the parent, not in an execution.
[[nodiscard]] bool park_threads() noexcept;

// In a fresh child: its stacks are as they were when the threads were parked.
void borrow_threads() noexcept;

// Leaves `from`, whose registers are saved there, for `to`, which is another.
void switch_fibers(Thread& from, Thread& to) noexcept;

// Between the code that drives the executions and the first thread of one.
void enter_fibers(Thread& first) noexcept;
void leave_fibers(Thread& from) noexcept;

}  // namespace crosstalk::harness::explore
