// Cache lines, and what a thread does while it waits for another one.
#pragma once

#include <cstddef>
#include <utility>

namespace crosstalk::pool {

// Two lines of 64 bytes: the adjacent-line prefetcher of common x86-64 processors fetches lines in pairs, so
// data 64 bytes apart still disturb each other.
inline constexpr std::size_t kCacheLine = 128;

// A value on cache lines of its own.
template <class T>
struct alignas(kCacheLine) CacheAligned {
  T value{};

  CacheAligned() = default;
  template <class... Args>
  explicit CacheAligned(std::in_place_t, Args&&... args) : value(std::forward<Args>(args)...) {}

  T& operator*() noexcept { return value; }
  const T& operator*() const noexcept { return value; }
  T* operator->() noexcept { return &value; }
  const T* operator->() const noexcept { return &value; }
};

// Tells the processor that this is a spin loop. Wait-free. Nothing where the explorer (harness/explore/) takes turns: nobody else goes on meanwhile.
inline void cpu_relax() noexcept {
#if defined(CROSSTALK_EXPLORED)
#elif defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield" ::: "memory");
#endif
}

}  // namespace crosstalk::pool
