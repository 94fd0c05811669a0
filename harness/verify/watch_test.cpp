#include "harness/verify/watch.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "harness/verify/child_end.h"
#include "harness/verify/container_cases.h"
#include "harness/verify/crew.h"
#include "harness/verify/shrink.h"
#include "harness/verify/trial_of_cases.h"
#include "pool/stress_rounds.h"

namespace crosstalk::harness::verify {

namespace {

CaseEnd end_of(std::function<void(CaseRun&)> run, CaseOptions options = {.seconds = 0.05}) {
  return run_case({"a case", std::move(run)}, options);
}

}  // namespace

TEST_CASE("a case whose cells were all seen passes", "[harness][verify]") {
  const CaseEnd end = end_of([](CaseRun& run) {
    const std::size_t cell = run.cell("something");
    run.rounds([&](const Round&) { run.count(cell); });
  });
  CHECK(end.verdict == Verdict::pass);
  REQUIRE(end.cells.size() == 1);
  CHECK(end.cells[0].count == end.rounds);
}

TEST_CASE("a cell that was never seen makes a case inconclusive", "[harness][verify]") {
  const CaseEnd end = end_of([](CaseRun& run) { static_cast<void>(run.cell("get = value")); });
  CHECK(end.verdict == Verdict::inconclusive);
  CHECK(end.detail == "never seen: get = value");
}

TEST_CASE("a failure comes with its property, its round and its trace", "[harness][verify]") {
  const CaseEnd end = end_of([](CaseRun& run) {
    run.rounds([&](const Round& round) {
      if (round.number == 3) run.fail("exclusion", "two inside", "trace");
    });
  });
  CHECK(end.verdict == Verdict::fail);
  CHECK(end.property == "exclusion");
  CHECK(end.detail == "two inside");
  CHECK(end.trace == "trace");
  CHECK(end.round == 3);
}

TEST_CASE("a crash breaks what was expected", "[harness][verify]") {
  const CaseEnd end = end_of([](CaseRun& run) {
    run.expect("shutdown", "shutdown() with tasks queued");
    std::raise(SIGSEGV);
  });
  CHECK(end.verdict == Verdict::fail);
  CHECK(end.property == "shutdown");
  CHECK(end.detail.find("signal 11") != std::string::npos);
}

TEST_CASE("a crash in a crowd comes with what every thread did last", "[harness][verify][stress]") {
  const CaseEnd end = end_of([](CaseRun& run) {
    Crew crew(run, 2);
    std::atomic<unsigned> both{0};
    crew.start(2, [&](Member& member) {
      member.begin("before", 7);
      member.end(3);
      raise(both);
      while (look(both) < 2) std::this_thread::yield();
      member.begin("falls", member.id());
      if (member.id() == 1) std::raise(SIGSEGV);
      for (;;) pause();
    });
    crew.finish();
  });
  CHECK(end.property == "no crash");
  CHECK(end.trace.find("before(7) = 3") != std::string::npos);
  CHECK(end.trace.find("falls(1) ...") != std::string::npos);
  CHECK(end.operations_done == 2);
}

TEST_CASE("what cannot be run to its end is inconclusive", "[harness][verify]") {
  const CaseEnd end = end_of([](CaseRun&) { throw std::runtime_error("no more threads"); });
  CHECK(end.verdict == Verdict::inconclusive);
  CHECK(end.detail == "could not be run to its end: no more threads");
}

TEST_CASE("two threads that take two locks in different orders are found in a deadlock",
          "[harness][verify][stress]") {
  const CaseEnd end = end_of([](CaseRun& run) {
    Crew crew(run, 2);
    std::mutex locks[2];
    std::atomic<unsigned> both{0};
    crew.start(2, [&](Member& member) {
      for (unsigned step = 0; step < 2; ++step) {
        const unsigned which = (member.id() + step) % 2;
        member.begin("lock", which, 0, which);
        locks[which].lock();
        member.end();
        member.holds(which);
        raise(both);
        while (look(both) < 2) std::this_thread::yield();
      }
    });
    crew.finish();
  });
  CHECK(end.verdict == Verdict::fail);
  CHECK(end.property == "progress");
  CHECK(end.stall.starts_with("deadlock: "));
  // What both threads do, though nobody reported it.
  CHECK(end.trace.find("lock(1) ...") != std::string::npos);
  CHECK(end.trace.find("lock() ...") != std::string::npos);
}

TEST_CASE("threads that burn the processor and get nowhere are found in a livelock",
          "[harness][verify][stress]") {
  const CaseEnd end = end_of([](CaseRun&) {
    for (volatile bool for_ever = true; for_ever;) {
    }
  });
  CHECK(end.verdict == Verdict::fail);
  CHECK(end.stall.starts_with("livelock"));
}

TEST_CASE("the first case that fails ends the component", "[harness][verify]") {
  const std::vector<VerifyCase> cases{{"right", [](CaseRun& run) { run.rounds([](const Round&) {}); }},
                                      {"wrong", [](CaseRun& run) { run.fail("property", "detail"); }},
                                      {"never", [](CaseRun& run) { run.fail("other", "detail"); }}};
  const ComponentOutcome outcome = run_cases(cases, {.seconds = 0.03});
  CHECK(outcome.verdict == Verdict::fail);
  REQUIRE(outcome.failed() != nullptr);
  CHECK(outcome.failed()->name == "wrong");
}

TEST_CASE("a cell may be seen in one pass of a case and not in the other", "[harness][verify]") {
  const std::vector<VerifyCase> cases{{"early", [](CaseRun& run) {
                                         const std::size_t cell = run.cell("first round");
                                         run.rounds([&](const Round& round) {
                                           if (round.number == 0) run.count(cell);
                                         });
                                       }}};
  CHECK(run_cases(cases, {.seconds = 0.03}).verdict == Verdict::pass);
}

TEST_CASE("a failure is made as small as it goes", "[harness][verify]") {
  const VerifyCase one{"a case", [](CaseRun& run) {
                         run.rounds({2, 3, 4}, 100, 100, [&](const Round& round) {
                           if (round.threads >= 3 && round.operations >= 5) run.fail("property", "detail");
                         });
                       }};
  const ComponentOutcome found = run_cases({one}, {.seconds = 1});
  REQUIRE(found.failed() != nullptr);
  const CaseOutcome small = shrink(one, *found.failed(), 5);
  CHECK(small.outcome.threads == 3);
  CHECK(small.outcome.operations == 6);
}

TEST_CASE("a case that somebody else ends is inconclusive", "[harness][verify]") {
  for (const int signal : {SIGKILL, SIGXCPU}) {
    const CaseEnd end = end_of([signal](CaseRun&) { std::raise(signal); });
    CHECK(end.verdict == Verdict::inconclusive);
    CHECK(end.detail == "the system ended it (signal " + std::to_string(signal) + ")");
  }
}

TEST_CASE("a crew for which the machine has too few threads is inconclusive", "[harness][verify]") {
  if (pool::kSanitized) return;  // it has its memory beforehand, and the limit would hit everything else
  const CaseEnd end = end_of([](CaseRun& run) {
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    // Enough for the stacks of a few threads.
    const rlim_t bytes = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) + (rlim_t{64} << 20);
    const rlimit room{bytes, bytes};
    setrlimit(RLIMIT_AS, &room);
    const Crew crew(run, kMembersMost);
  });
  CHECK(end.verdict == Verdict::inconclusive);
  CHECK(end.detail.starts_with("could not be run to its end: the machine has no more "));
}

TEST_CASE("what asks for more threads or operations than a case has is refused", "[harness][verify]") {
  const auto end_with = [](std::uint64_t threads, std::uint64_t operations) {
    return end_of(
        [](CaseRun& run) {
          run.rounds({2, 4, 3}, 5, 20, [](const Round&) {});
        },
        {.seconds = 0.01, .threads = threads, .operations = operations});
  };
  CHECK(end_with(4, 20).verdict == Verdict::pass);
  CHECK(end_with(5, 20).refused);
  CHECK(end_with(5, 20).detail == "the case has at most 4 threads, got 5");
  CHECK(end_with(2, 21).detail == "the case has at most 20 operations, got 21");
}

TEST_CASE("one look at the processor time of a thread is no proof that it waits",
          "[harness][verify][stress]") {
  const CaseEnd end = end_of([](CaseRun& run) {
    Crew crew(run, 1);
    std::atomic<bool> over{false};
    crew.start(1, [&](Member& member) {
      member.begin("spins");
      while (!look(over)) {
      }
      member.end();
    });
    WaitProof proof;
    unsigned looks = 1;
    while (!crew[0].visibly_waits(proof)) ++looks;
    if (looks < 3 || proof.looks < 3) run.fail("proof", "of one look");
    // Whatever it has used before.
    WaitProof later{.operations = 0, .from_ns = crew[0].cpu_ns()};
    if (crew[0].visibly_waits(later)) run.fail("proof", "of the time before it was asked");
    note(over, true);
    crew.finish();
  });
  CHECK(end.verdict == Verdict::pass);
}

TEST_CASE("a case that has judged no history does not pass", "[harness][verify]") {
  const auto judge = [](Verdict verdict) {
    return end_of([verdict](CaseRun& run) { JudgedCells(run).count(run, verdict); });
  };
  CHECK(judge(Verdict::pass).verdict == Verdict::pass);
  CHECK(judge(Verdict::inconclusive).detail == "never seen: history judged");
}

TEST_CASE("a child of a case is killed, and says by what it ended", "[harness][verify]") {
  const CaseEnd end = end_of([](CaseRun& run) {
    const pid_t child = fork();
    if (child == 0) wait_for_end();
    const int status = end_of_killed(run, child);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) run.fail("end", "not by the signal");
  });
  CHECK(end.verdict == Verdict::pass);
}

}  // namespace crosstalk::harness::verify
