// brief_wait: a few looks before a thread goes to sleep. What is waited for often comes within microseconds, and then a sleep
// in the kernel and the wake-up from it cost ten times as much as the wait.
//
// Bound: 64 pauses of the processor, some microseconds, then 4 yields, for the case that the other thread needs this very
// processor. After that sleeping is the better guess.
#pragma once

#include <utility>

#include <sched.h>

#include "pool/cache_line.h"

namespace crosstalk::pool {

// True as soon as done() is; false if it has not come briefly.
template <class Done>
[[nodiscard]] bool wait_briefly(Done&& done) noexcept(noexcept(done())) {
  constexpr unsigned kPauses = 64;
  constexpr unsigned kYields = 4;
  for (unsigned round = 0; round < kPauses + kYields; ++round) {
    if (round < kPauses) {
      cpu_relax();
    } else {
      sched_yield();
    }
    if (done()) return true;
  }
  return false;
}

}  // namespace crosstalk::pool
