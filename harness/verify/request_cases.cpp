// Values reached by requests: one at a time, each answered by its own answer, also beside requests that throw.
#include <sched.h>

#include <array>
#include <string>

#include "harness/verify/crew.h"
#include "harness/verify/puppets.h"
#include "harness/verify/sync_cases.h"

namespace crosstalk::harness::verify {

namespace {

struct RequestThrows {};

void requests_throw(CaseRun& run, const AnyRequests& any) {
  const std::size_t cell = run.cell("drill: a request that throws");
  Puppets puppets(run, 2);
  run.rounds([&](const Round&) {
    const auto value = any.make();
    bool caught = false;
    puppets.order(
        0,
        [&](Member& member) {
          member.begin("ask, which throws");
          try {
            value->ask([](std::int64_t&) -> std::int64_t { throw RequestThrows(); });
          } catch (const RequestThrows&) {
            caught = true;
          }
          member.end(caught ? 1 : 0);
        },
        "errors", "a request that throws is not answered");
    if (!caught) puppets.fail("errors", "what a request throws does not come to who asked");
    for (const unsigned who : {0U, 1U}) {
      puppets.order(
          who,
          [&](Member& member) {
            member.begin("ask");
            member.end(value->ask([](std::int64_t& number) { return ++number; }));
          },
          "errors", "after a request that threw the next one is not answered");
    }
    run.count(cell);
  });
}

// Two values, the second asked by a request of the first at times.
struct TwoValues {
  std::array<std::unique_ptr<RequestsOnTrial>, 2> value;
  std::array<std::atomic<bool>, 2> busy{};
};

std::int64_t touch_value(Crew& crew, TwoValues& two, std::size_t which, std::int64_t& number, bool yields) {
  if (look(two.busy[which])) crew.fail("one at a time", "two requests touch the value at once");
  note(two.busy[which], true);
  if (yields) sched_yield();
  ++number;
  note(two.busy[which], false);
  return number;
}

void crowd_of_requests(CaseRun& run, const AnyRequests& any) {
  const std::size_t answered = run.cell("ask = answer");
  const std::size_t thrown = run.cell("ask = exception");
  Crew crew(run, 8);
  run.rounds({2, 3, 4, 8}, 50, 300, [&](const Round& round) {
    TwoValues two;
    for (auto& value : two.value) value = any.make();
    std::array<std::atomic<std::int64_t>, 2> asked{};
    run.expect("wake-up", "a request is not answered");
    crew.round(round, [&](Member& member) {
      for (std::uint64_t i = 0; i < round.operations; ++i) {
        member.injector().outside();
        const bool yields = member.random().one_in(16);
        const bool nested = member.random().one_in(8);
        const bool throws = member.random().one_in(32);
        const auto own = static_cast<std::int64_t>(member.id() << 20 | i);
        member.begin("ask", nested ? 2 : 1, own);
        raise(asked[0], std::int64_t{1});
        if (nested) raise(asked[1], std::int64_t{1});
        const auto inner = [&](std::int64_t& number) { return touch_value(crew, two, 1, number, false); };
        const auto request = [&](std::int64_t& number) {
          touch_value(crew, two, 0, number, yields);
          if (nested) two.value[1]->ask(inner);
          if (throws) throw RequestThrows();
          return own;
        };
        std::int64_t answer = own;
        try {
          answer = two.value[0]->ask(request);
        } catch (const RequestThrows&) {
          answer = throws ? own : -1;
        }
        member.end(answer);
        if (answer != own) crew.fail("answers", "a request got what another one was to get");
        run.count(throws ? thrown : answered);
      }
    });
    run.expect_nothing();
    for (std::size_t which = 0; which < 2; ++which) {
      const std::int64_t reached = two.value[which]->ask([](std::int64_t& number) { return number; });
      if (reached != look(asked[which]))
        crew.fail("no lost update",
                  std::to_string(look(asked[which])) + " requests counted to " + std::to_string(reached));
    }
  });
}

}  // namespace

std::vector<VerifyCase> request_cases(const AnyRequests& any) {
  return {{"throwing requests", [any](CaseRun& run) { requests_throw(run, any); }, 0.3},
          {"requests", [any](CaseRun& run) { crowd_of_requests(run, any); }, 0.7}};
}

}  // namespace crosstalk::harness::verify
