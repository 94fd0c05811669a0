// spin_then_yield: how the locks that serve in order of arrival wait. Nobody can do the work of a thread whose turn it is, and
// where there are more threads than processors that thread may be the one that does not run: so who waits spins briefly, and
// then gives its processor away at every look. It never sleeps, and nobody has to wake it.
//
// Bound: `kPauses` pauses of the processor, a few microseconds, then a yield a look. Not for several threads at once: one
// object belongs to one wait of one thread.
#pragma once

#include <sched.h>

#include "pool/cache_line.h"

namespace crosstalk::pool {

class SpinThenYield {
 public:
  static constexpr unsigned kPauses = 128;

  // Between two looks at what is waited for: `pauses` pauses, or what is left of them, or a yield.
  void pause(unsigned pauses = 1) noexcept {
    if (spun_ == kPauses) {
      sched_yield();
      return;
    }
    for (unsigned i = 0; i < pauses && spun_ < kPauses; ++i, ++spun_) cpu_relax();
  }

 private:
  unsigned spun_ = 0;
};

}  // namespace crosstalk::pool
