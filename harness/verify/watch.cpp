#include "harness/verify/watch.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <new>
#include <system_error>
#include <thread>

#include "harness/interrupt.h"
#include "harness/verify/child_end.h"
#include "harness/verify/process_look.h"
#include "harness/verify/scarcity.h"
#include "harness/verify/stall_judge.h"
#include "harness/verify/waits_for.h"
#include "pool/stress_rounds.h"

namespace crosstalk::harness::verify {

namespace {

using Steady = std::chrono::steady_clock;
constexpr unsigned kWatchFactor = pool::kSanitized ? 10 : 1;

struct UnmapPage {
  void operator()(Page* page) const noexcept { munmap(page, sizeof(Page)); }
};
using SharedPage = std::unique_ptr<Page, UnmapPage>;

SharedPage make_page() {
  void* memory = mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return SharedPage(new (memory) Page);
}

[[noreturn]] void run_in_this_child(const VerifyCase& one, const CaseOptions& options, Page& page,
                                    pid_t parent) {
  Interrupt::ignore();
  // Whatever the parent does about crashes is not for the child: it is to die of them.
  for (const int crash : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) std::signal(crash, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) end_child(1);  // it died before the line above
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  try {
    CaseRun run(page, options);
    one.run(run);
    note(page.finished, true);
  } catch (const std::exception& error) {
    page.failure.set(why_not_run(error));
  } catch (...) {
    page.failure.set("an exception that is no std::exception");
  }
  end_child(0);
}

struct ChildEnd {
  bool ended = false;
  int status = 0;
  Stall stall = Stall::none;
};

ChildEnd watch_child(pid_t child, const Page& page, const std::atomic<bool>* stop) {
  StallJudge judge(kWatchFactor, std::thread::hardware_concurrency());
  constexpr unsigned kLooksPerTick = 25;
  const auto look_every = std::chrono::nanoseconds(StallJudge::kTickNs / kLooksPerTick);
  for (unsigned look = 0;; ++look) {
    int status = 0;
    const pid_t waited = waitpid(child, &status, WNOHANG);
    if (waited == child) return {true, status, Stall::none};
    // relaxed: a hint; set by a signal handler of this thread.
    if (stop != nullptr && stop->load(std::memory_order_relaxed)) return {};
    if (look % kLooksPerTick == kLooksPerTick - 1) {
      const Stall stall = judge.judge(look_at_process(child, page));
      if (stall != Stall::none) return {false, 0, stall};
    }
    std::this_thread::sleep_for(look_every);
  }
}

// The last operations of every thread that was in the case when it hung or crashed. After the child has stopped to run.
std::string recent_on(const Page& page) {
  constexpr std::size_t kShown = 24;
  std::vector<Event> events;
  const std::uint32_t members = std::min<std::uint32_t>(look(page.members), kMembersMost);
  for (unsigned i = 0; i < members; ++i) {
    const std::vector<Event> mine = page.member[i].recent.events(i);
    events.insert(events.end(), mine.begin(), mine.end());
  }
  return columns_of(std::move(events), kShown);
}

std::string expected_or(const Page& page, const char* otherwise) {
  std::string property = page.expected_property.get();
  return property.empty() ? otherwise : property;
}

std::string with_expectation(const Page& page, const std::string& text) {
  const std::string detail = page.expected_detail.get();
  return detail.empty() ? text : detail + ": " + text;
}

void judge_stall(const Page& page, Stall stall, CaseEnd& outcome) {
  outcome.verdict = Verdict::fail;
  outcome.stall = explain_stall(wait_graph_of(page), stall == Stall::burning);
  outcome.property = expected_or(page, "progress");
  outcome.detail = with_expectation(page, outcome.stall);
  outcome.trace = recent_on(page);
}

// What the component cannot do to itself by a bug: somebody, or a system that is short of memory or time, ended the process.
bool ended_from_outside(int status) {
  if (!WIFSIGNALED(status)) return false;
  const int signal = WTERMSIG(status);
  return signal == SIGKILL || signal == SIGXCPU || signal == SIGHUP || signal == SIGTERM;
}

void judge_end(const Page& page, int status, CaseEnd& outcome) {
  if (look(page.found)) {
    outcome.verdict = Verdict::fail;
    outcome.property = page.property.get();
    outcome.detail = page.detail.get();
    outcome.trace = page.trace.get();
  } else if (ended_from_outside(status)) {
    outcome.detail = "the system ended it (signal " + std::to_string(WTERMSIG(status)) + ")";
  } else if (WIFSIGNALED(status)) {
    outcome.verdict = Verdict::fail;
    outcome.property = expected_or(page, "no crash");
    outcome.detail =
        with_expectation(page, std::string("crashed by signal ") + std::to_string(WTERMSIG(status)) + " (" +
                                   strsignal(WTERMSIG(status)) + ")");
    outcome.trace = recent_on(page);
  } else if (look(page.refused)) {
    outcome.refused = true;
    outcome.detail = page.failure.get();
  } else if (!look(page.finished)) {
    outcome.detail = "could not be run to its end: " + page.failure.get();
  } else {
    outcome.complete = true;
    judge_cells(outcome);
  }
}

}  // namespace

CaseEnd run_case(const VerifyCase& one, const CaseOptions& options, const std::atomic<bool>* stop) {
  const SharedPage page = make_page();
  const auto begin = Steady::now();
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) run_in_this_child(one, options, *page, parent);
  Interrupt::set_child(child);
  const ChildEnd end = watch_child(child, *page, stop);
  if (!end.ended) {
    kill(child, SIGKILL);
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Interrupt::set_child(0);
  CaseEnd outcome;
  outcome.seconds = std::chrono::duration<double>(Steady::now() - begin).count();
  outcome.round = look(page->round);
  outcome.threads = look(page->round_threads);
  outcome.operations = look(page->round_operations);
  for (const MemberState& member : page->member) outcome.operations_done += look(member.steps);
  outcome.rounds = outcome.round - options.first_round + 1;
  for (std::uint32_t i = 0; i < look(page->cells); ++i) {
    const PageCell& cell = page->cell[i];
    outcome.cells.push_back({cell.name.get(), look(cell.count), cell.optional});
  }
  if (end.stall != Stall::none) {
    judge_stall(*page, end.stall, outcome);
  } else if (end.ended) {
    judge_end(*page, end.status, outcome);
  } else {
    outcome.detail = "interrupted";
  }
  return outcome;
}

}  // namespace crosstalk::harness::verify
