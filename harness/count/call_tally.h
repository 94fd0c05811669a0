// Counts the calls of operator new, and those of the kernel that wake threads, of the threads that ask for it.
//
// The calls are redirected (call_redirect.h) when the tally is switched on, which cannot be undone: it is for a process of its own, such
// as the child that replays a trace. What a memory resource hands out is counted where it ends, in operator new; malloc itself is
// not counted, nor what futexes the C library uses for itself.
#pragma once

#include <cstdint>

namespace crosstalk::harness::count {

struct CallTotals {
  std::uint64_t allocations = 0;  // calls of operator new, of any form
  std::uint64_t bytes = 0;        // asked of it
  std::uint64_t wakes = 0;        // futex system calls that wake
};

class CallTally {
 public:
  // Redirects the calls. While the process has one thread. Idempotent.
  static void switch_on() noexcept;
  // Whether a call is seen: tried, after switch_on(). False where calls cannot be redirected, as in a static program.
  [[nodiscard]] static bool sees_heap() noexcept;
  [[nodiscard]] static bool sees_kernel() noexcept;

  // What the calling thread does counts from now on, or no longer; at first it does not.
  static void count_this_thread(bool counts) noexcept;

  // Of all threads that count. Exact while they rest.
  [[nodiscard]] static CallTotals totals() noexcept;
};

}  // namespace crosstalk::harness::count
