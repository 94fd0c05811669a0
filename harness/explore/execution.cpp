#include "harness/explore/execution.h"

#include <cxxabi.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <exception>

#include "harness/explore/decisions.h"
#include "harness/explore/fault_trap.h"
#include "harness/explore/heap.h"
#include "harness/explore/image.h"
#include "harness/explore/memory_model.h"
#include "harness/explore/raw_call.h"
#include "harness/explore/switching.h"
#include "harness/explore/thread_body.h"
#include "harness/explore/tick_trap.h"

namespace crosstalk::harness::explore {

namespace {

constexpr std::uint64_t kFirstInstantNs = 1'000'000'000'000;
constexpr std::uint64_t kDigestStart = 0xcbf29ce484222325ULL;

[[noreturn]] void fail_for_exception(const char* text) noexcept {
  exploring = false;  // names of types are allocated
  const char* const type = abi::__cxa_current_exception_type()->name();
  int status = 0;
  const char* const name = abi::__cxa_demangle(type, nullptr, nullptr, &status);
  fail(Finding::assertion, "T%d: std::terminate(): nobody catches %s%s%s", self().id,
       status == 0 ? name : type, text[0] == '\0' ? "" : ": ", text);
}

void on_terminate() {
  if (!exploring) __builtin_trap();
  if (std::current_exception() == nullptr)
    fail(Finding::assertion, "T%d: std::terminate(), as by a std::thread that nobody has joined", self().id);
  try {
    throw;
  } catch (const std::exception& error) {
    fail_for_exception(error.what());
  } catch (...) {
    fail_for_exception("");
  }
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

void begin_process() noexcept {
  trap_ticks();
  trap_faults(kMaxThreads);
  if (!begin_switching()) fail(Finding::limit, "the system gives no threads for the executions");
}

[[noreturn]] void end_process(int code) noexcept {
  raw_call(SYS_exit_group, code);
  __builtin_unreachable();
}

// As the process of the execution did, so that the parent sees what it came to.
[[noreturn]] void end_as(int status) noexcept {
  if (WIFSIGNALED(status)) {
    signal(WTERMSIG(status), SIG_DFL);
    raw_call(SYS_kill, raw_call(SYS_getpid), WTERMSIG(status));
  }
  end_process(WEXITSTATUS(status));
}

// All that the search knows is in memory that both share.
void run_in_own_process() noexcept {
  runtime->ended = false;
  const int process = fork_process();
  if (process < 0) fail(Finding::limit, "the system starts no process for the execution");
  if (process == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    begin_process();
    run_one_execution();
    runtime->ended = true;
    end_process(0);
  }
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0 || !runtime->ended) end_as(status);
}

void run_in_this_process() noexcept {
  begin_process();
  keep_globals();
  for (;;) {
    run_one_execution();
    if (runtime->finished) return;
    put_globals_back();
  }
}

}  // namespace

void run_executions() noexcept {
  std::set_terminate(on_terminate);
  take_back_signals();
  if (runtime->process_each) {
    while (!runtime->finished) run_in_own_process();
  } else {
    run_in_this_process();
  }
  end_process(0);
}

}  // namespace crosstalk::harness::explore
