// Preemption between any two instructions. An interrupt from outside falls where the processor spends its time, which is hardly ever
// between two loads that hit the cache; so a thread goes on step by step for a number of instructions, is put aside there, and
// then runs freely. Costs a signal an instruction.
#pragma once

#include <atomic>
#include <cstdint>

namespace crosstalk::harness::verify {

// Where a thread that is put aside and another one meet: the other one does one thing, and waits until the first has gone on.
struct StepMeeting {
  std::atomic<std::uint64_t> done{0};  // how much the other one has done
  std::atomic<bool> paused{false};

  // By the other thread, after each thing it does.
  void did_one() noexcept;
};

// For the calling thread: it is put aside in the middle of what it does next, `instructions` after this call, for some microseconds, or
// where `meeting` is given until the other one has done one thing, but some milliseconds at most. Nothing happens where processors are not
// x86-64. Takes the process's SIGTRAP: only for a child that runs a case.
void step_then_pause(std::uint32_t instructions, StepMeeting* meeting = nullptr) noexcept;

}  // namespace crosstalk::harness::verify
