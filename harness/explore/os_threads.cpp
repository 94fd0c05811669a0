#include "harness/explore/os_threads.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

#include "harness/explore/fault_trap.h"
#include "harness/explore/raw_call.h"
#include "harness/explore/real_calls.h"
#include "harness/explore/thread_body.h"

namespace crosstalk::harness::explore {

namespace {

long futex_word(int& word) noexcept {
  return reinterpret_cast<long>(&word);
}

// acquire: pairs with the release in hand_token(); what its last holder did comes before.
void await_token(int& token) noexcept {
  while (__atomic_exchange_n(&token, 0, __ATOMIC_ACQUIRE) == 0)
    raw_call(SYS_futex, futex_word(token), FUTEX_WAIT_PRIVATE, 0);
}

// release: pairs with the acquire in await_token().
void hand_token(int& token) noexcept {
  __atomic_store_n(&token, 1, __ATOMIC_RELEASE);
  raw_call(SYS_futex, futex_word(token), FUTEX_WAKE_PRIVATE, 1);
}

void* os_thread(void* argument) noexcept {
  Thread& me = *static_cast<Thread*>(argument);
  me.home.thread_pointer = static_cast<std::uint64_t>(pthread_self());
  me.home.stack_top = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
  trap_faults(static_cast<int>(&me - runtime->threads));
  hand_token(runtime->driver_token);
  await_token(me.home.token);
  for (;;) run_thread(me);
}

// On one processor a switch is a third as long, as nobody has to be woken on another one. Where that is refused it works all the same.
void stay_on_one_processor() noexcept {
  unsigned processor = 0;
  if (raw_call(SYS_getcpu, reinterpret_cast<long>(&processor)) != 0 || processor >= CPU_SETSIZE) return;
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(processor, &only);
  raw_call(SYS_sched_setaffinity, 0, sizeof only, reinterpret_cast<long>(&only));
}

bool start_os_thread(Thread& thread) noexcept {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t handle{};
  thread.home.token = 0;
  const int error = real_pthread_create(&handle, &attributes, os_thread, &thread);
  pthread_attr_destroy(&attributes);
  if (error == 0) await_token(runtime->driver_token);
  return error == 0;
}

}  // namespace

bool start_os_threads() noexcept {
  stay_on_one_processor();
  runtime->driver_token = 0;
  for (Thread& each : runtime->threads) {
    if (!start_os_thread(each)) return false;
  }
  return true;
}

void switch_os_threads(Thread& from, Thread& to) noexcept {
  hand_token(to.home.token);
  await_token(from.home.token);
}

void enter_os_threads(Thread& first) noexcept {
  hand_token(first.home.token);
  await_token(runtime->driver_token);
}

void leave_os_threads(Thread& from) noexcept {
  hand_token(runtime->driver_token);
  await_token(from.home.token);
}

}  // namespace crosstalk::harness::explore
