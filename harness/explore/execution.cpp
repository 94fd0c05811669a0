#include "harness/explore/execution.h"

#include <sys/syscall.h>

#include <csignal>
#include <exception>

#include "harness/explore/decisions.h"
#include "harness/explore/fibers.h"
#include "harness/explore/heap.h"
#include "harness/explore/image.h"
#include "harness/explore/memory_model.h"
#include "harness/explore/raw_call.h"
#include "harness/explore/thread_body.h"
#include "harness/explore/tick_trap.h"

namespace crosstalk::harness::explore {

namespace {

constexpr std::uint64_t kFirstInstantNs = 1'000'000'000'000;
constexpr std::uint64_t kDigestStart = 0xcbf29ce484222325ULL;

void on_terminate() {
  if (exploring)
    fail(Finding::assertion, "T%d: std::terminate(), as by an exception that nobody catches", self().id);
  __builtin_trap();
}

// A test framework's handlers would report the crash of the scenario as its own.
void take_back_signals() noexcept {
  for (const int each : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGINT, SIGSEGV, SIGTERM}) signal(each, SIG_DFL);
}

void* scenario_thread(void*) {
  runtime->scenario(runtime->scenario_argument);
  return nullptr;
}

void run_one_execution() noexcept {
  Runtime& r = *runtime;
  ++r.generation;
  ++r.executions;
  r.thread_count = 0;
  r.rescued = 0;
  r.idle_rounds = 0;
  r.changes = 1;
  r.trace_count = 0;
  r.time_ns = kFirstInstantNs;
  r.digest = kDigestStart;
  for (Key& each : r.keys) each.used = false;
  begin_heap();
  begin_memory_model();
  begin_decisions();
  Thread& first = make_thread(scenario_thread, nullptr);
  exploring = true;
  enter_execution(first);  // comes back when the execution has ended, with `exploring` off
  next_decisions();
}

}  // namespace

void run_executions() noexcept {
  std::set_terminate(on_terminate);
  take_back_signals();
  trap_ticks();
  borrow_threads();
  keep_globals();
  for (;;) {
    run_one_execution();
    if (runtime->finished) break;
    put_globals_back();
  }
  raw_call(SYS_exit_group, 0);
  __builtin_unreachable();
}

}  // namespace crosstalk::harness::explore
