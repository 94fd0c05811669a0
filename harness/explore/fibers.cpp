#include "harness/explore/fibers.h"

#include <asm/prctl.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/syscall.h>

#include <csignal>

#include "harness/explore/raw_call.h"
#include "harness/explore/real_calls.h"
#include "harness/explore/thread_body.h"

// explore_swap(save, load): saves what a call preserves on the stack, and the stack pointer in *save; goes on at `load`.
// explore_park(save, flag): the same, then raises the flag and sleeps for ever: whoever loads the stack returns from the call.
asm(R"(
.text
.globl explore_swap
.hidden explore_swap
.type explore_swap, @function
explore_swap:
  push %rbp
  push %rbx
  push %r12
  push %r13
  push %r14
  push %r15
  mov %rsp, (%rdi)
  mov %rsi, %rsp
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbx
  pop %rbp
  ret
.size explore_swap, .-explore_swap
.globl explore_park
.hidden explore_park
.type explore_park, @function
explore_park:
  push %rbp
  push %rbx
  push %r12
  push %r13
  push %r14
  push %r15
  mov %rsp, (%rdi)
  movl $1, (%rsi)
1:
  mov $34, %eax
  syscall
  jmp 1b
.size explore_park, .-explore_park
)");

extern "C" void explore_swap(std::uint64_t* save, std::uint64_t load);
extern "C" void explore_park(std::uint64_t* save, int* flag);

namespace crosstalk::harness::explore {

namespace {

constexpr unsigned long kUserMaySetThreadPointer = 2;  // HWCAP2_FSGSBASE

std::uint64_t thread_pointer() noexcept {
  std::uint64_t value;
  asm("mov %%fs:0, %0" : "=r"(value));
  return value;
}

const bool sets_thread_pointer_itself = (getauxval(AT_HWCAP2) & kUserMaySetThreadPointer) != 0;

// Between this and the swap nothing thread-local may be touched; the stack protector's canary is the same in all threads.
inline void swap(std::uint64_t* save, std::uint64_t load, std::uint64_t pointer) noexcept {
  if (sets_thread_pointer_itself) {
    asm volatile("wrfsbase %0" : : "r"(pointer) : "memory");
  } else {
    raw_call(SYS_arch_prctl, ARCH_SET_FS, static_cast<long>(pointer));
  }
  explore_swap(save, load);
}

void* parked_thread(void* argument) noexcept {
  Thread& me = *static_cast<Thread*>(argument);
  me.home.parked_pointer = thread_pointer();
  sigset_t all;
  sigfillset(&all);
  raw_call(SYS_rt_sigprocmask, SIG_BLOCK, reinterpret_cast<long>(&all), 0, 8);
  explore_park(&me.home.parked_stack, &me.home.parked);
  for (;;) run_thread(me);  // in an exploring child from here on
}

}  // namespace

bool park_threads() noexcept {
  for (Thread& each : runtime->threads) {
    if (each.home.parked != 0) continue;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kStackBytes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t handle{};
    const int error = real_pthread_create(&handle, &attributes, parked_thread, &each);
    pthread_attr_destroy(&attributes);
    if (error != 0) return false;
    while (__atomic_load_n(&each.home.parked, __ATOMIC_ACQUIRE) == 0) raw_call(SYS_sched_yield);
  }
  return true;
}

void borrow_threads() noexcept {
  for (Thread& each : runtime->threads) {
    each.home.stack_pointer = each.home.stack_top = each.home.parked_stack;
    each.home.thread_pointer = each.home.parked_pointer;
  }
}

void switch_fibers(Thread& from, Thread& to) noexcept {
  swap(&from.home.stack_pointer, to.home.stack_pointer, to.home.thread_pointer);
}

void enter_fibers(Thread& first) noexcept {
  runtime->driver_thread = thread_pointer();
  swap(&runtime->driver_stack, first.home.stack_pointer, first.home.thread_pointer);
}

void leave_fibers(Thread& from) noexcept {
  swap(&from.home.stack_pointer, runtime->driver_stack, runtime->driver_thread);
}

}  // namespace crosstalk::harness::explore
