#include "pool/sync/futex.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace crosstalk::pool {

namespace {

// steady_clock is CLOCK_MONOTONIC here, which FUTEX_WAIT_BITSET takes as an absolute time.
timespec to_timespec(Deadline deadline) noexcept {
  using std::chrono::seconds;
  const auto since = std::max(deadline.time_since_epoch(), Deadline::duration::zero());
  const auto whole = std::chrono::duration_cast<seconds>(since);
  timespec time{};
  time.tv_sec = static_cast<std::time_t>(whole.count());
  time.tv_nsec = static_cast<long>(std::chrono::nanoseconds(since - whole).count());
  return time;
}

}  // namespace

bool futex_wait(const std::uint32_t* word, std::uint32_t expected, Deadline deadline) noexcept {
  timespec time{};
  const timespec* until = nullptr;
  if (deadline != kNoDeadline) {
    time = to_timespec(deadline);
    until = &time;
  }
  const long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected, until,
                              nullptr, FUTEX_BITSET_MATCH_ANY);
  return result == 0 || errno != ETIMEDOUT;
}

void futex_wake(const std::uint32_t* word, int count) noexcept {
  syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, nullptr, nullptr, 0);
}

}  // namespace crosstalk::pool
