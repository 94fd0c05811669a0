// Preemption between any two instructions. An interrupt from outside falls where the processor spends its time, which is hardly ever
// between two loads that hit the cache; so a thread goes on step by step for a number of instructions, is put aside there, and
// then runs freely. Costs a signal an instruction.
#pragma once

#include <cstdint>

namespace crosstalk::harness::verify {

// For the calling thread: it is put aside in the middle of what it does next, `instructions` after this call, for some microseconds.
// Nothing happens where processors are not x86-64. Takes the process's SIGTRAP: only for a child that runs a case.
void step_then_pause(std::uint32_t instructions) noexcept;

}  // namespace crosstalk::harness::verify
