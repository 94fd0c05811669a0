// System calls that go past everything that is interposed, and errno with it: negative results are errors. Linux on x86-64.
#pragma once

#include <cstdint>
#include <ctime>

#include <sys/syscall.h>

namespace crosstalk::harness::explore {

inline long raw_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                     long f = 0) noexcept {
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

// CLOCK_MONOTONIC of the real world.
inline std::uint64_t real_time_ns() noexcept {
  timespec now{};
  raw_call(SYS_clock_gettime, CLOCK_MONOTONIC, reinterpret_cast<long>(&now));
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace crosstalk::harness::explore
