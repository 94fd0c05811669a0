// Strands: tasks of many submitters on many workers, one at a time and in order, beside tasks that throw and refusals.
#include <sched.h>

#include <array>
#include <string>

#include "harness/verify/crew.h"
#include "harness/verify/sync_cases.h"

namespace crosstalk::harness::verify {

namespace {

constexpr std::uint64_t kSubmittersMost = 4;

struct StrandBooks {
  std::atomic<bool> busy{false};
  std::array<std::atomic<std::uint64_t>, kSubmittersMost> last{};  // numbers begin with 1
  std::array<std::atomic<std::uint64_t>, kSubmittersMost> accepted{};
  std::array<std::atomic<std::uint64_t>, kSubmittersMost> ran{};
};

// The task numbered so of this submitter.
void run_on_strand(Crew& crew, StrandBooks& books, unsigned from, std::uint64_t number, bool yields) {
  if (look(books.busy)) crew.fail("one at a time", "two tasks of a strand run at once");
  note(books.busy, true);
  if (yields) sched_yield();
  if (number == look(books.last[from])) crew.fail("exactly once", "a task ran twice");
  if (number < look(books.last[from]))
    crew.fail("order of submission",
              "task " + std::to_string(number) + " ran after task " + std::to_string(look(books.last[from])));
  note(books.last[from], number);
  raise(books.ran[from]);
  note(books.busy, false);
}

void post_to_strand(CaseRun& run, const AnyStrand& any) {
  const std::size_t accepted = run.cell("post = accepted");
  const std::size_t rejected = run.cell("post = rejected", true);
  const std::size_t throws = run.cell("task throws");
  Crew crew(run, kSubmittersMost);
  run.rounds({2, 3, 4, 2}, 20, 200, [&](const Round& round) {
    // In half of the rounds the executor has room for next to nothing.
    const auto strand = any.make(round.number % 2 == 0 ? 1'000 : 1);
    StrandBooks books;
    crew.round(round, [&](Member& member) {
      for (std::uint64_t number = 1; number <= round.operations; ++number) {
        member.injector().outside();
        const unsigned from = member.id();
        const bool yields = member.random().one_in(8);
        const bool threw = member.random().one_in(16);
        member.begin("post", number);
        const bool taken = strand->post([&crew, &books, &run, from, number, yields, threw, throws] {
          run_on_strand(crew, books, from, number, yields);
          if (!threw) return;
          run.count(throws);
          throw static_cast<int>(number);
        });
        member.end(taken ? 1 : 0);
        if (taken) raise(books.accepted[from]);
        run.count(taken ? accepted : rejected);
      }
    });
    run.expect("no accepted task is lost", "tasks of a strand do not run");
    strand->settle();
    run.expect_nothing();
    for (std::size_t from = 0; from < round.threads; ++from) {
      if (look(books.ran[from]) != look(books.accepted[from]))
        crew.fail("no accepted task is lost", std::to_string(look(books.ran[from])) + " tasks of " +
                                                  std::to_string(look(books.accepted[from])) +
                                                  " that were accepted ran");
    }
  });
}

}  // namespace

std::vector<VerifyCase> strand_cases(const AnyStrand& any) {
  return {{"stress", [any](CaseRun& run) { post_to_strand(run, any); }, 1}};
}

}  // namespace crosstalk::harness::verify
