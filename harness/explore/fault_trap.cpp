#include "harness/explore/fault_trap.h"

#include <signal.h>
#include <ucontext.h>

#include "harness/explore/runtime.h"
#include "harness/explore/tick_trap.h"

namespace crosstalk::harness::explore {

namespace {

// About where a stack ends: its lowest page may not be touched, and at its top there is more than the stack.
constexpr std::uint64_t kStackEndBytes = 16 << 10;

const char* signal_text(int signal) noexcept {
  switch (signal) {
    case SIGSEGV:
      return "Segmentation fault";
    case SIGBUS:
      return "Bus error";
    case SIGFPE:
      return "Floating point exception";
    default:
      return "Illegal instruction";
  }
}

bool is_end_of_stack(std::uint64_t address) noexcept {
  const std::uint64_t end = self().home.stack_top - kStackBytes;
  return address > end - kStackEndBytes && address < end + kStackEndBytes;
}

void on_fault(int number, siginfo_t* info, void* context) {
  if (!exploring) {
    signal(number, SIG_DFL);  // returning repeats the fault, and ends the process
    return;
  }
  auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext;
  if (number == SIGSEGV && answer_tick_reading(registers, info->si_addr)) return;
  const Thread& me = self();
  const auto* const at = reinterpret_cast<const char*>(registers.gregs[REG_RIP]);
  const std::uint32_t place = is_program(at) ? place_of(at + 1, nullptr) : 0;
  const std::uint32_t caller = me.depth > 0 && me.depth <= kMaxCalls ? me.calls[me.depth - 1] : 0;
  if (number == SIGSEGV && is_end_of_stack(reinterpret_cast<std::uint64_t>(info->si_addr))) {
    fail(Finding::limit, "T%d has used up its stack of %zu KiB at @%x/%x@", me.id, kStackBytes >> 10, place,
         caller);
  }
  fail(Finding::crash, "T%d was ended by signal %d (%s) at @%x/%x@", me.id, number, signal_text(number),
       place, caller);
}

}  // namespace

void trap_faults(int stack) noexcept {
  // Of its own, as the thread's may be what has come to its end.
  stack_t own{};
  own.ss_sp = runtime->fault_stacks[stack];
  own.ss_size = sizeof runtime->fault_stacks[stack];
  sigaltstack(&own, nullptr);
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (const int each : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigaction(each, &action, nullptr);
}

}  // namespace crosstalk::harness::explore
