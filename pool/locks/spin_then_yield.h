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

  // Between two looks at what is waited for.
  void pause() noexcept {
    if (pauses_ == kPauses) {
      sched_yield();
    } else {
      ++pauses_;
      cpu_relax();
    }
  }

 private:
  unsigned pauses_ = 0;
};

}  // namespace crosstalk::pool
