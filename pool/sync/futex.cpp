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

// A lock that parks must not change the errno of code that only locks.
class KeepErrno {
 public:
  KeepErrno() = default;
  KeepErrno(const KeepErrno&) = delete;
  KeepErrno& operator=(const KeepErrno&) = delete;
  ~KeepErrno() { errno = before_; }

 private:
  int before_ = errno;
};

}  // namespace

bool futex_wait(const std::uint32_t* word, std::uint32_t expected, Deadline deadline,
                FutexChannels channels) noexcept {
  const KeepErrno keep;
  timespec time{};
  const timespec* until = nullptr;
  if (deadline != kNoDeadline) {
    time = to_timespec(deadline);
    until = &time;
  }
  const long result =
      syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected, until, nullptr, channels);
  return result == 0 || errno != ETIMEDOUT;
}

void futex_wake(const std::uint32_t* word, int count, FutexChannels channels) noexcept {
  const KeepErrno keep;
  syscall(SYS_futex, word, FUTEX_WAKE_BITSET | FUTEX_PRIVATE_FLAG, count, nullptr, nullptr, channels);
}

}  // namespace crosstalk::pool
