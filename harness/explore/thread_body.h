// What a borrowed thread does each time it is given to a thread of the scenario.
#pragma once

#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

// Runs the thread's function from start to end, with fresh thread-local storage, and gives the processor away for good.
void run_thread(Thread& me) noexcept;

// Makes the next free thread ready to run `function`; fails where there is none.
Thread& make_thread(void* (*function)(void*), void* argument) noexcept;

}  // namespace crosstalk::harness::explore
