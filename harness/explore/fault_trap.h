// FaultTrap: a scenario that crashes, or uses up a stack, is a finding with its place.
#pragma once

namespace crosstalk::harness::explore {

// In every thread of the kernel of an exploring process. `stack`: which of Runtime::fault_stacks is this thread's.
void trap_faults(int stack) noexcept;

}  // namespace crosstalk::harness::explore
