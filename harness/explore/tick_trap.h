// TickTrap: the processor's time stamp counter, which code reads without a call, is made virtual too: reading it traps, and the
// handler answers with the time of the execution.
#pragma once

namespace crosstalk::harness::explore {

// In an exploring child. Where the system does not allow it, a scenario that reads the counter is not deterministic, and is told so.
void trap_ticks() noexcept;

}  // namespace crosstalk::harness::explore
