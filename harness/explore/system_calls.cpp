// Futexes, clocks, sleeps, random numbers, and the ends by assert() and abort().
#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <ctime>

#include "harness/explore/conflicts.h"
#include "harness/explore/raw_call.h"
#include "harness/explore/real_calls.h"
#include "harness/explore/scheduler.h"
#include "harness/explore/shadow.h"

namespace crosstalk::harness::explore {

namespace {

constexpr std::uint64_t kReadingNs = 1000;  // between two readings of a clock
constexpr std::uint64_t kNsPerVirtualSecond = 1'000'000'000;

std::uint64_t as_ns(const timespec& time) noexcept {
  return static_cast<std::uint64_t>(time.tv_sec) * kNsPerVirtualSecond +
         static_cast<std::uint64_t>(time.tv_nsec);
}

timespec as_timespec(std::uint64_t ns) noexcept {
  timespec time{};
  time.tv_sec = static_cast<time_t>(ns / kNsPerVirtualSecond);
  time.tv_nsec = static_cast<long>(ns % kNsPerVirtualSecond);
  return time;
}

std::uint64_t read_clock() noexcept {
  note_use(&runtime->time_ns, Use::change);
  return runtime->time_ns += kReadingNs;
}

struct FutexCall {
  const std::uint32_t* word;
  int operation;
  std::uint32_t value;
  const timespec* time;
  std::uint32_t channels;
};

long wait_on_futex(const FutexCall& call, bool absolute, std::uint32_t place) noexcept {
  step("futex wait", call.word, place);
  note_use(call.word, Use::change);
  if (*const_cast<const volatile std::uint32_t*>(call.word) != call.value) {
    look_in_vain(call.word);
    errno = EAGAIN;
    return -1;
  }
  std::uint64_t deadline_ns = 0;
  if (call.time != nullptr) {
    deadline_ns = as_ns(*call.time) + (absolute ? 0 : runtime->time_ns);
    note_use(&runtime->time_ns, Use::look);
    if (deadline_ns == 0) deadline_ns = 1;
  }
  self().channels = call.channels;
  if (block(State::futex, call.word, deadline_ns)) {
    record("timed out", call.word, place);
    errno = ETIMEDOUT;
    return -1;
  }
  record("woken", call.word, place);
  return 0;
}

// The word need not exist any more: only its address counts.
long wake_futex(const FutexCall& call, std::uint32_t place) noexcept {
  step("futex wake", nullptr, place);
  note_use(call.word, Use::change);
  const int count = static_cast<int>(call.value);
  return wake_some(State::futex, call.word, count < 1 ? 1 : count, call.channels);
}

long explored_futex(const FutexCall& call, std::uint32_t place) noexcept {
  constexpr std::uint32_t kEveryChannel = FUTEX_BITSET_MATCH_ANY;
  FutexCall every = call;
  every.channels = kEveryChannel;
  switch (call.operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
      return wait_on_futex(every, false, place);
    case FUTEX_WAIT_BITSET:
      return wait_on_futex(call, true, place);
    case FUTEX_WAKE:
      return wake_futex(every, place);
    case FUTEX_WAKE_BITSET:
      return wake_futex(call, place);
    default:
      fail(Finding::unsupported, "T%d: futex operation %d at @%x@", self().id, call.operation, place);
  }
}

void sleep_until(std::uint64_t deadline_ns, std::uint32_t place) noexcept {
  record("sleep", nullptr, place);
  note_use(&runtime->time_ns, Use::look);
  count_step();
  block(State::sleep, nullptr, deadline_ns == 0 ? 1 : deadline_ns);
}

unsigned draw_number() noexcept {
  static std::uint64_t drawn = 0;  // is put back after each execution
  note_use(&drawn, Use::change);
  return static_cast<unsigned>((++drawn * 0x9E3779B97F4A7C15ULL) >> 32);
}

long or_errno(long result) noexcept {
  if (result >= 0) return result;
  errno = static_cast<int>(-result);
  return -1;
}

}  // namespace

}  // namespace crosstalk::harness::explore

using namespace crosstalk::harness::explore;

// The names are the system's.
// NOLINTBEGIN(bugprone-reserved-identifier)
#define CALL extern "C" __attribute__((visibility("default"), noinline))
#define PLACE CROSSTALK_EXPLORE_PLACE
#define REAL CROSSTALK_EXPLORE_REAL

CALL long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  long a[6];
  for (long& each : a) each = va_arg(list, long);
  va_end(list);
  if (!exploring) return or_errno(raw_call(number, a[0], a[1], a[2], a[3], a[4], a[5]));
  if (number == SYS_futex) {
    return explored_futex({reinterpret_cast<const std::uint32_t*>(a[0]), static_cast<int>(a[1]),
                           static_cast<std::uint32_t>(a[2]), reinterpret_cast<const timespec*>(a[3]),
                           static_cast<std::uint32_t>(a[5])},
                          PLACE);
  }
  if (number == SYS_membarrier || number == SYS_rseq) {
    errno = ENOSYS;  // one thread of the kernel runs them all: whoever asks shall use fences, which are seen
    return -1;
  }
  if (number != SYS_gettid && number != SYS_getpid && number != SYS_getcpu) {
    fail(Finding::unsupported, "T%d makes system call %ld at @%x@, which cannot be explored", self().id,
         number, PLACE);
  }
  return number == SYS_gettid ? 1000 + self().id : or_errno(raw_call(number, a[0], a[1], a[2]));
}

CALL int sched_yield() noexcept {
  if (!exploring) return static_cast<int>(or_errno(raw_call(SYS_sched_yield)));
  look_in_vain(nullptr);
  return 0;
}
CALL int sched_getcpu() noexcept {
  return exploring ? self().id % 2 : REAL(sched_getcpu)();
}

CALL int clock_gettime(clockid_t clock, timespec* time) noexcept {
  if (!exploring) {
    return static_cast<int>(or_errno(raw_call(SYS_clock_gettime, clock, reinterpret_cast<long>(time))));
  }
  *time = as_timespec(read_clock());
  return 0;
}
CALL int gettimeofday(timeval* time, void* zone) noexcept {
  if (!exploring) {
    return static_cast<int>(
        or_errno(raw_call(SYS_gettimeofday, reinterpret_cast<long>(time), reinterpret_cast<long>(zone))));
  }
  const timespec now = as_timespec(read_clock());
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}
CALL time_t time(time_t* result) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != nullptr) *result = now.tv_sec;
  return now.tv_sec;
}
CALL int timespec_get(timespec* time, int base) noexcept {
  if (base != TIME_UTC) return 0;
  clock_gettime(CLOCK_REALTIME, time);
  return base;
}
CALL clock_t clock() noexcept {
  return exploring ? static_cast<clock_t>(read_clock() / 1000) : REAL(clock)();
}
CALL clock_t times(tms* parts) noexcept {
  constexpr std::uint64_t kTickNs = 10'000'000;
  if (!exploring) return REAL(times)(parts);
  const auto now = static_cast<clock_t>(read_clock() / kTickNs);
  if (parts != nullptr) *parts = {now, 0, 0, 0};
  return now;
}
CALL int nanosleep(const timespec* length, timespec* rest) {
  if (!exploring) {
    return static_cast<int>(
        or_errno(raw_call(SYS_nanosleep, reinterpret_cast<long>(length), reinterpret_cast<long>(rest))));
  }
  sleep_until(runtime->time_ns + as_ns(*length), PLACE);
  return 0;
}
CALL int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* rest) {
  if (!exploring) {
    return static_cast<int>(-raw_call(SYS_clock_nanosleep, clock, flags, reinterpret_cast<long>(time),
                                      reinterpret_cast<long>(rest)));
  }
  sleep_until(as_ns(*time) + ((flags & TIMER_ABSTIME) != 0 ? 0 : runtime->time_ns), PLACE);
  return 0;
}
// What is mapped there next is other memory.
CALL int munmap(void* memory, std::size_t bytes) noexcept {
  if (exploring) forget_accesses(memory, bytes);
  return static_cast<int>(
      or_errno(raw_call(SYS_munmap, reinterpret_cast<long>(memory), static_cast<long>(bytes))));
}
CALL int usleep(useconds_t length_us) {
  const timespec length = as_timespec(std::uint64_t{length_us} * 1000);
  return nanosleep(&length, nullptr);
}
CALL unsigned sleep(unsigned length_s) {
  const timespec length = as_timespec(length_s * kNsPerVirtualSecond);
  nanosleep(&length, nullptr);
  return 0;
}

CALL void __assert_fail(const char* expression, const char* file, unsigned line,
                        const char* function) noexcept {
  if (exploring) fail(Finding::assertion, "T%d: assert(%s) at %s:%u", self().id, expression, file, line);
  REAL(__assert_fail)(expression, file, line, function);
  __builtin_unreachable();
}
CALL void abort() noexcept {
  if (exploring) fail(Finding::assertion, "T%d calls abort() at @%x@", self().id, PLACE);
  REAL(abort)();
  __builtin_unreachable();
}
// Random numbers: the same in every process under the same schedule.
CALL ssize_t getrandom(void* buffer, std::size_t bytes, unsigned flags) {
  if (!exploring) return REAL(getrandom)(buffer, bytes, flags);
  for (std::size_t i = 0; i < bytes; ++i)
    static_cast<unsigned char*>(buffer)[i] = static_cast<unsigned char>(draw_number());
  return static_cast<ssize_t>(bytes);
}
CALL int getentropy(void* buffer, std::size_t bytes) {
  if (!exploring) return REAL(getentropy)(buffer, bytes);
  return getrandom(buffer, bytes, 0) < 0 ? -1 : 0;
}
// What std::random_device gives. Weak, as a program may bring its own libstdc++.
CALL __attribute__((weak)) unsigned _ZNSt13random_device9_M_getvalEv(void* device) {
  return exploring ? draw_number() : REAL(_ZNSt13random_device9_M_getvalEv)(device);
}
// NOLINTEND(bugprone-reserved-identifier)
