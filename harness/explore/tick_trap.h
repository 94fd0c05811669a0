// TickTrap: the processor's time stamp counter, which code reads without a call, is made virtual too: reading it traps, and the
// handler answers with the time of the execution.
#pragma once

#include <ucontext.h>

namespace crosstalk::harness::explore {

// In an exploring child. Where the system does not allow it, a scenario that reads the counter is not deterministic, and is told so.
void trap_ticks() noexcept;

// In the handler of SIGSEGV: false if that was no reading of the counter. Else the registers hold the answer, and go on behind it.
[[nodiscard]] bool answer_tick_reading(mcontext_t& registers, const void* fault_address) noexcept;

}  // namespace crosstalk::harness::explore
