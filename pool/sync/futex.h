// The kernel's wait-on-address, with deadlines, which std::atomic::wait lacks. Linux only. What parks in this folder parks
// here, and never on a pthread condition variable.
#pragma once

#include <chrono>
#include <cstdint>

namespace crosstalk::pool {

using Deadline = std::chrono::steady_clock::time_point;
inline constexpr Deadline kNoDeadline = Deadline::max();

// The instant `time` from now; never, if that is beyond the clock's range.
[[nodiscard]] inline Deadline deadline_in(std::chrono::nanoseconds time) noexcept {
  const Deadline now = std::chrono::steady_clock::now();
  return time >= kNoDeadline - now ? kNoDeadline : now + time;
}

// Sleeps while the word holds `expected`, until somebody wakes it or the deadline passes: false only for the latter. It
// may return early for no reason, so the caller looks again. Orders no memory: that is for the atomic of which `word` is
// the address.
bool futex_wait(const std::uint32_t* word, std::uint32_t expected, Deadline deadline = kNoDeadline) noexcept;

// Wakes at most `count` of those who sleep on the word.
void futex_wake(const std::uint32_t* word, int count) noexcept;

}  // namespace crosstalk::pool
