// The clock of histories: no shared memory, so that reading it orders nothing that is observed.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace crosstalk::harness::verify {

#if !defined(__x86_64__)
namespace detail {

// Nothing behind it begins before everything in front of it is done and seen by others.
inline void complete_all() noexcept {
#if defined(__aarch64__)
  // A fence orders loads and stores alone, and the counter is neither.
  asm volatile("dsb ish\n\tisb" ::: "memory");
#else
  // seq_cst: only this keeps a later reading behind earlier stores; it pairs with nothing.
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}
[[nodiscard]] inline std::uint64_t clock_ticks() noexcept {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

}  // namespace detail
#endif

// Before an operation begins: nothing of it is done before the reading.
[[nodiscard]] inline std::uint64_t ticks_before() noexcept {
#if defined(__x86_64__)
  _mm_lfence();
  const std::uint64_t ticks = __rdtsc();
  _mm_lfence();  // a load of the operation may otherwise be done while the counter is still being read
  return ticks;
#else
  const std::uint64_t ticks = detail::clock_ticks();
  detail::complete_all();
  return ticks;
#endif
}

// After it has ended: all of it is done before the reading, and its stores are where others see them. They may lie in the
// processor's store buffer after a call has returned, and somebody who asks later by the counter would find the old value.
[[nodiscard]] inline std::uint64_t ticks_after() noexcept {
#if defined(__x86_64__)
  _mm_mfence();
  unsigned processor = 0;
  return __rdtscp(&processor);
#else
  detail::complete_all();
  return detail::clock_ticks();
#endif
}

}  // namespace crosstalk::harness::verify
