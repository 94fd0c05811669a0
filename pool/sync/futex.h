// The kernel's wait-on-address, with deadlines, which std::atomic::wait lacks. Linux only. What parks in this folder parks
// here, and never on a pthread condition variable. errno is left as it was.
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

[[nodiscard]] inline bool has_passed(Deadline deadline) noexcept {
  return deadline != kNoDeadline && std::chrono::steady_clock::now() >= deadline;
}

// A set of channels, one a bit: a wake-up reaches who sleeps on one of its channels. So those who wait for different things
// can sleep on the same word.
using FutexChannels = std::uint32_t;
inline constexpr FutexChannels kAllChannels = ~FutexChannels{0};

// Sleeps while the word holds `expected`, until somebody wakes it or the deadline passes: false only for the latter. It
// may return early for no reason, so the caller looks again. Orders no memory: that is for the atomic of which `word` is
// the address.
bool futex_wait(const std::uint32_t* word, std::uint32_t expected, Deadline deadline = kNoDeadline,
                FutexChannels channels = kAllChannels) noexcept;

// Wakes at most `count` of those who sleep on the word, the longest sleeper first among threads of one priority. Does not
// touch the word, which may have ceased to exist: at worst somebody who sleeps there now looks again.
void futex_wake(const std::uint32_t* word, int count, FutexChannels channels = kAllChannels) noexcept;

}  // namespace crosstalk::pool
