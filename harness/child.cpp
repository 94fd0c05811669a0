#include "harness/child.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <exception>
#include <new>
#include <system_error>

#include "harness/interrupt.h"

namespace crosstalk::harness {

namespace {

using Steady = std::chrono::steady_clock;

// A trial that was asked to stop has this long to do so.
constexpr std::chrono::seconds kPatienceAfterStop{30};
// Often enough for eyes, seldom enough to cost the trial nothing.
constexpr long long kLookEveryMs = 250;

std::string phase_text(Phase phase) {
  switch (phase) {
    case Phase::prefill:
      return "during prefill";
    case Phase::warmup:
      return "during warm-up";
    case Phase::measure:
      return "while measuring";
    case Phase::drain:
      return "while draining";
    case Phase::check:
      return "while checking";
    case Phase::done:
      return "after the check";
  }
  return {};
}

[[noreturn]] void be_the_child(const std::function<void(TrialReport&)>& work, TrialReport& report,
                               pid_t parent) {
  Interrupt::ignore();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it died before the line above
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  int code = 0;
  try {
    work(report);
  } catch (const std::exception& error) {
    std::strncpy(report.failure.data(), error.what(), report.failure.size() - 1);
    code = 1;
  } catch (...) {
    std::strncpy(report.failure.data(), "an exception that is no std::exception", report.failure.size() - 1);
    code = 1;
  }
  // No destructors and no flushing: what the parent had buffered is the parent's.
  _exit(code);
}

// Has it ended, whoever is to wait for it?
bool has_ended(pid_t child) {
  siginfo_t end{};
  return waitid(P_PID, static_cast<id_t>(child), &end, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         end.si_pid == child;
}

// True if the child's end is known within so many milliseconds. Without a descriptor, which valgrind and old kernels do not
// give, it is asked for again and again.
bool look_for_end(pid_t child, int child_fd, int patience_ms) {
  pollfd descriptor{child_fd, POLLIN, 0};
  if (child_fd >= 0) return poll(&descriptor, 1, patience_ms) == 1;
  constexpr int kAskEveryMs = 10;
  for (; patience_ms > 0; patience_ms -= kAskEveryMs) {
    poll(nullptr, 0, std::min(patience_ms, kAskEveryMs));
    if (has_ended(child)) return true;
  }
  return false;
}

// Waits for the child's end until `deadline`; true if it ended.
bool wait_for(pid_t child, int child_fd, const std::atomic<bool>* stop, Steady::time_point deadline,
              const ChildWatch& watch) {
  const long long longest_ms = watch ? kLookEveryMs : 1000;
  bool stopping = false;
  for (;;) {
    // relaxed: a hint; set by a signal handler of this thread.
    if (!stopping && stop != nullptr && stop->load(std::memory_order_relaxed)) {
      stopping = true;
      deadline = std::min(deadline, Steady::now() + kPatienceAfterStop);
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now()).count();
    if (left <= 0) return false;
    // A signal ends the wait; a second is also the longest that a stop set by another process goes unnoticed.
    if (look_for_end(child, child_fd, static_cast<int>(std::min<long long>(left, longest_ms)))) return true;
    if (watch) watch();
  }
}

std::string describe(int status, const TrialReport& report) {
  // relaxed: the child has ended.
  const std::string when = " " + phase_text(report.phase.load(std::memory_order_relaxed));
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return "killed by signal " + std::to_string(signal) + " (" + strsignal(signal) + ")" + when;
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  if (report.failure[0] != '\0')
    return std::string("ended by an exception") + when + ": " + report.failure.data();
  return "ended with exit code " + std::to_string(WEXITSTATUS(status)) + when;
}

}  // namespace

void UnmapReport::operator()(TrialReport* report) const noexcept {
  munmap(report, sizeof(TrialReport));
}

SharedReport make_shared_report() {
  void* memory =
      mmap(nullptr, sizeof(TrialReport), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return SharedReport(new (memory) TrialReport);
}

std::string run_in_child(TrialFn trial, const TrialInput& input, TrialReport& report,
                         std::uint64_t timeout_ns, const ChildWatch& watch) {
  return run_in_child([&](TrialReport& shared) { trial(input, shared); }, input.stop, report, timeout_ns,
                      watch);
}

std::string run_in_child(const std::function<void(TrialReport&)>& work, const std::atomic<bool>* stop,
                         TrialReport& report, std::uint64_t timeout_ns, const ChildWatch& watch) {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) be_the_child(work, report, parent);
  Interrupt::set_child(child);
  const auto deadline = Steady::now() + std::chrono::nanoseconds(timeout_ns);
  const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  const bool ended = wait_for(child, descriptor, stop, deadline, watch);
  if (!ended) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  Interrupt::set_child(0);
  if (descriptor >= 0) close(descriptor);
  if (ended) return describe(status, report);
  // relaxed: the child has ended.
  return "did not end within " + std::to_string(timeout_ns / 1'000'000'000) + " s, killed " +
         phase_text(report.phase.load(std::memory_order_relaxed));
}

}  // namespace crosstalk::harness
