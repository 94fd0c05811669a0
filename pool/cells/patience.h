// patience: how a thread waits for one that is in the middle of something short: it spins for some microseconds, then yields,
// since the other one may need this very processor, and at last naps, since a yield never lets a thread of lower real-time
// priority run. Nobody has to wake it.
//
// Progress: a pause takes at most some 50 us, and what else the kernel adds.
#pragma once

#include <chrono>
#include <cstdint>

#include <sched.h>

#include "pool/cache_line.h"
#include "pool/sync/futex.h"

namespace crosstalk::pool {

class Patience {
 public:
  void pause() noexcept {
    if (round_ < kSpins) {
      for (std::uint32_t i = 0; i < kPauses; ++i) cpu_relax();
    } else if (round_ < kSpins + kYields) {
      sched_yield();
    } else {
      static constexpr std::uint32_t kNever = 0;
      futex_wait(&kNever, kNever, deadline_in(std::chrono::microseconds(50)));
      return;
    }
    ++round_;
  }

  // Pauses until done().
  template <class Done>
  static void until(Done&& done) {
    Patience patience;
    while (!done()) patience.pause();
  }

 private:
  static constexpr std::uint32_t kSpins = 64;
  static constexpr std::uint32_t kPauses = 8;
  static constexpr std::uint32_t kYields = 200;

  std::uint32_t round_ = 0;
};

}  // namespace crosstalk::pool
