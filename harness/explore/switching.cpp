#include "harness/explore/switching.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "harness/explore/fibers.h"
#include "harness/explore/os_threads.h"
#include "harness/explore/raw_call.h"
#include "harness/explore/real_calls.h"

namespace crosstalk::harness::explore {

bool prepare_switching() noexcept {
  return runtime->os_threads || park_threads();
}

int fork_process() noexcept {
  // Threads of the kernel are started in the new process, by the C library, which must know that it is one.
  if (runtime->os_threads) {
    const int process = CROSSTALK_EXPLORE_REAL(fork)();
    return process < 0 ? -errno : process;
  }
  // The C library's fork() would take the parked threads' stacks for its own, as these threads are not there any more.
  return static_cast<int>(raw_call(SYS_fork));
}

bool begin_switching() noexcept {
  if (runtime->os_threads) return start_os_threads();
  borrow_threads();
  return true;
}

void switch_threads(Thread& from, Thread& to) noexcept {
  if (&from == &to) return;
  runtime->current = &to;
  runtime->os_threads ? switch_os_threads(from, to) : switch_fibers(from, to);
}

void enter_execution(Thread& first) noexcept {
  runtime->current = &first;
  runtime->os_threads ? enter_os_threads(first) : enter_fibers(first);
}

void leave_execution(Thread& from) noexcept {
  runtime->os_threads ? leave_os_threads(from) : leave_fibers(from);
}

}  // namespace crosstalk::harness::explore
