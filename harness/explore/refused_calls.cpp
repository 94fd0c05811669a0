// The calls that an exploration refuses by name, because it could not put them off, take them back, or see their end: those which end
// or replace the process, start another, send signals, or wait for what is outside of it.
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "harness/explore/real_calls.h"
#include "harness/explore/runtime.h"

namespace crosstalk::harness::explore {

namespace {

constexpr int kSavedStackPointer = 6;  // glibc's order
constexpr int kMangledBits = 17;

[[noreturn]] void refuse(const char* name, std::uint32_t place) noexcept {
  fail(Finding::unsupported, "T%d calls %s at @%x@, which cannot be explored", self().id, name, place);
}

// The C library hides the stack pointer from attackers.
std::uint64_t stack_pointer_of(const __jmp_buf_tag* saved) noexcept {
  auto value = static_cast<std::uint64_t>(saved->__jmpbuf[kSavedStackPointer]);
  value = value >> kMangledBits | value << (64 - kMangledBits);
  std::uint64_t guard;
  asm("mov %%fs:0x30, %0" : "=r"(guard));
  return value ^ guard;
}

// Within a thread's own stack a jump is like a return.
void refuse_jump_out(const __jmp_buf_tag* saved, std::uint32_t place) noexcept {
  const std::uint64_t top = self().home.stack_top;
  const std::uint64_t target = stack_pointer_of(saved);
  if (target < top && target > top - kStackBytes) return;
  fail(Finding::unsupported, "T%d calls longjmp at @%x@ out of its thread, which cannot be explored",
       self().id, place);
}

}  // namespace

}  // namespace crosstalk::harness::explore

using namespace crosstalk::harness::explore;

// The names are the system's.
// NOLINTBEGIN(bugprone-reserved-identifier,bugprone-macro-parentheses)
#define CALL extern "C" __attribute__((visibility("default"), noinline))
#define PLACE CROSSTALK_EXPLORE_PLACE
#define REAL CROSSTALK_EXPLORE_REAL

// As the system's headers declare them: some are noexcept.
#define REFUSED(type, name, parameters, arguments) \
  CALL type name parameters {                      \
    if (exploring) refuse(#name, PLACE);           \
    return REAL(name) arguments;                   \
  }
#define REFUSED_NOEXCEPT(type, name, parameters, arguments) \
  REFUSED(type, name, parameters noexcept, arguments)
#define REFUSED_END(name, parameters, arguments) \
  CALL void name parameters {                    \
    if (exploring) refuse(#name, PLACE);         \
    REAL(name) arguments;                        \
    __builtin_unreachable();                     \
  }

// Ends of the process and of threads.
REFUSED_END(exit, (int code) noexcept, (code))
REFUSED_END(_exit, (int code), (code))
REFUSED_END(_Exit, (int code) noexcept, (code))
REFUSED_END(quick_exit, (int code) noexcept, (code))
REFUSED_END(pthread_exit, (void* result), (result))
REFUSED(int, pthread_cancel, (pthread_t thread), (thread))

// C11's threads: the C library starts and blocks them past all that is interposed.
REFUSED(int, thrd_create, (thrd_t * thread, thrd_start_t function, void* argument),
        (thread, function, argument))
REFUSED(int, thrd_join, (thrd_t thread, int* result), (thread, result))
REFUSED(int, mtx_lock, (mtx_t * mutex), (mutex))
REFUSED(int, mtx_trylock, (mtx_t * mutex), (mutex))
REFUSED(int, mtx_timedlock, (mtx_t * mutex, const timespec* until), (mutex, until))
REFUSED(int, cnd_wait, (cnd_t * condition, mtx_t* mutex), (condition, mutex))
REFUSED(int, cnd_timedwait, (cnd_t * condition, mtx_t* mutex, const timespec* until),
        (condition, mutex, until))
REFUSED(void, call_once, (once_flag * once, void (*function)()), (once, function))

// Other processes.
REFUSED_NOEXCEPT(pid_t, fork, (), ())
// Its parent and child share a stack, which a function in between does not survive.
CALL pid_t vfork() noexcept {
  if (exploring) refuse("vfork", PLACE);
  return REAL(fork)();
}
REFUSED(int, system, (const char* command), (command))
REFUSED(FILE*, popen, (const char* command, const char* mode), (command, mode))
REFUSED(int, posix_spawn,
        (pid_t * process, const char* path, const posix_spawn_file_actions_t* actions,
         const posix_spawnattr_t* attributes, char* const* arguments, char* const* environment),
        (process, path, actions, attributes, arguments, environment))
REFUSED(int, posix_spawnp,
        (pid_t * process, const char* name, const posix_spawn_file_actions_t* actions,
         const posix_spawnattr_t* attributes, char* const* arguments, char* const* environment),
        (process, name, actions, attributes, arguments, environment))
REFUSED_NOEXCEPT(int, execve, (const char* path, char* const* arguments, char* const* environment),
                 (path, arguments, environment))
REFUSED_NOEXCEPT(int, execv, (const char* path, char* const* arguments), (path, arguments))
REFUSED_NOEXCEPT(int, execvp, (const char* name, char* const* arguments), (name, arguments))
REFUSED(pid_t, wait, (int* status), (status))
REFUSED(pid_t, waitpid, (pid_t process, int* status, int options), (process, status, options))

// Signals.
REFUSED_NOEXCEPT(int, raise, (int signal), (signal))
REFUSED_NOEXCEPT(int, kill, (pid_t process, int signal), (process, signal))
REFUSED_NOEXCEPT(int, pthread_kill, (pthread_t thread, int signal), (thread, signal))
REFUSED_NOEXCEPT(unsigned, alarm, (unsigned seconds), (seconds))
REFUSED_NOEXCEPT(int, setitimer, (__itimer_which_t which, const itimerval* timer, itimerval* before),
                 (which, timer, before))
REFUSED_NOEXCEPT(int, timer_create, (clockid_t clock, sigevent* event, timer_t* timer), (clock, event, timer))
REFUSED(int, pause, (), ())
REFUSED(int, sigwait, (const sigset_t* signals, int* signal), (signals, signal))
REFUSED(int, sigsuspend, (const sigset_t* signals), (signals))

// Waits for descriptors.
REFUSED(int, poll, (pollfd * descriptors, nfds_t count, int timeout_ms), (descriptors, count, timeout_ms))
REFUSED(int, ppoll, (pollfd * descriptors, nfds_t count, const timespec* timeout, const sigset_t* signals),
        (descriptors, count, timeout, signals))
REFUSED(int, select, (int count, fd_set* reads, fd_set* writes, fd_set* errors, timeval* timeout),
        (count, reads, writes, errors, timeout))
REFUSED(int, pselect,
        (int count, fd_set* reads, fd_set* writes, fd_set* errors, const timespec* timeout,
         const sigset_t* signals),
        (count, reads, writes, errors, timeout, signals))
REFUSED(int, epoll_wait, (int descriptor, epoll_event* events, int count, int timeout_ms),
        (descriptor, events, count, timeout_ms))
REFUSED(int, epoll_pwait,
        (int descriptor, epoll_event* events, int count, int timeout_ms, const sigset_t* signals),
        (descriptor, events, count, timeout_ms, signals))

#define JUMP(name, type)                           \
  CALL void name(type saved, int value) noexcept { \
    if (exploring) refuse_jump_out(saved, PLACE);  \
    REAL(name)(saved, value);                      \
    __builtin_unreachable();                       \
  }
JUMP(longjmp, __jmp_buf_tag*)
JUMP(_longjmp, __jmp_buf_tag*)
JUMP(siglongjmp, __jmp_buf_tag*)
// NOLINTEND(bugprone-reserved-identifier,bugprone-macro-parentheses)
