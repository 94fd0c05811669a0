// Decoys that are odd not by what they are but by what happens to them: a crowd, a process that is stopped and goes on.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <mutex>

#include "harness/verify/child_end.h"
#include "harness/verify/clock_jump.h"
#include "harness/verify/lock_cases.h"
#include "harness/verify/specimen.h"
#include "pool/cell_conformance.h"
#include "pool/cells/seq_lock.h"

namespace crosstalk::harness::verify {

namespace {

void crowded(CaseRun& run) {
  CaseOptions options = run.options();
  options.threads = options.threads_most = 64;
  CaseRun crowd(run.page(), options);
  stress_lock(crowd, any_lock<std::mutex>());
}

// Another process stops this one for three seconds and lets it go on; meanwhile and afterwards the wall clock jumps by hours.
void stopped(CaseRun& run) {
  const std::size_t jumps = run.cell("wall clock that jumps", true);
  if (let_wall_clock_jump()) run.count(jumps);
  const pid_t victim = getpid();
  const pid_t helper = fork();
  if (helper == 0) {
    kill(victim, SIGSTOP);
    const timespec time{.tv_sec = 3, .tv_nsec = 0};
    nanosleep(&time, nullptr);
    kill(victim, SIGCONT);
    end_child(0);
  }
  stress_lock(run, any_lock<std::timed_mutex>());
  if (helper > 0) waitpid(helper, nullptr, 0);
}

void seq_lock_conformance(CaseRun& run) {
  run.long_steps(8);  // as that of any cell
  const std::size_t cell = run.cell("conformance check");
  run.rounds([&](const Round&) {
    const pool::ConformanceReport report = pool::check_cell<pool::SeqLock>({});
    if (!report.passed) run.fail(report.property, report.detail);
    run.count(cell);
  });
}

void add_decoy(std::vector<Specimen>& all, const char* name, const char* what, VerifyCase one) {
  all.push_back({.name = name,
                 .kind = SpecimenKind::decoy,
                 .bug = what,
                 .cases = {std::move(one)},
                 .properties = {},
                 .of_the_chapter = false,
                 .layer = "circumstances"});
}

}  // namespace

void add_circumstances(std::vector<Specimen>& all) {
  add_decoy(all, "D06", "a seqlock, whose readers look again", {"conformance", seq_lock_conformance});
  add_decoy(all, "D11", "64 threads", {"stress", crowded});
  add_decoy(all, "D12", "a process that is stopped for 3 s, under a wall clock that jumps",
            {"stress", stopped});
}

}  // namespace crosstalk::harness::verify
