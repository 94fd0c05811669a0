#include "harness/explore/child_run.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "harness/explore/execution.h"
#include "harness/explore/raw_call.h"
#include "harness/explore/switching.h"

namespace crosstalk::harness::explore {

namespace {

constexpr int kSecondMs = 1000;

int fork_explorer() {
  const int process = fork_process();
  if (process < 0)
    throw std::runtime_error("explore: no process for the executions: " +
                             std::string(std::strerror(-process)));
  if (process == 0) run_executions();
  return process;
}

// False if it hangs, and has been killed.
bool wait_while_it_works(int process, int patience_s) {
  const auto descriptor = static_cast<int>(raw_call(SYS_pidfd_open, process));
  pollfd waited{descriptor, POLLIN, 0};
  std::uint64_t seen = 0;
  bool works = true;
  for (int idle = 0; works && poll(&waited, 1, kSecondMs) == 0;) {
    const std::uint64_t beats = *const_cast<const volatile std::uint64_t*>(&runtime->beats);
    idle = beats == seen ? idle + 1 : 0;
    seen = beats;
    works = idle < patience_s;
  }
  if (!works) raw_call(SYS_kill, process, SIGKILL);
  if (descriptor >= 0) raw_call(SYS_close, descriptor);
  return works;
}

std::string current_thread() {
  return "T" + std::to_string(runtime->current == nullptr ? 0 : runtime->current->id);
}

// Where the thread was seen last; "@1a2b@" stands for the place.
std::string last_place() {
  if (runtime->current == nullptr || runtime->current->place == 0) return "";
  char text[32];
  std::snprintf(text, sizeof text, "; last seen at @%x@", runtime->current->place);
  return text;
}

ChildRun end_of(int status) {
  const Runtime& r = *runtime;
  if (WIFSIGNALED(status)) {
    return {Finding::crash, current_thread() + " was ended by signal " + std::to_string(WTERMSIG(status)) +
                                " (" + strsignal(WTERMSIG(status)) + ")"};
  }
  if (r.finding == Finding::none && !r.finished)
    return {Finding::unsupported, current_thread() + " ended the process, which cannot be explored"};
  return {r.finding, r.reason};
}

}  // namespace

ChildRun run_in_child(const SearchPlan& plan, int patience_s) {
  Runtime& r = *runtime;
  r.plan = plan;
  r.executions = 0;
  r.finding = Finding::none;
  r.reason[0] = '\0';
  r.decision_count = 0;
  r.steps_expected = 0;
  r.exhausted = r.finished = r.cut = false;
  const int process = fork_explorer();
  const bool works = wait_while_it_works(process, patience_s);
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (works) return end_of(status);
  return {Finding::hang, current_thread() + " has been busy for " + std::to_string(patience_s) +
                             " s, or blocked, outside of all that the explorer sees" + last_place()};
}

}  // namespace crosstalk::harness::explore
