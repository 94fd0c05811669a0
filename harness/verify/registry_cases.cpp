// Registries of sessions: clients come and go, others end their sessions, and in the end all are ended.
#include <array>
#include <deque>
#include <string>

#include "harness/verify/chat_cases.h"
#include "harness/verify/crew.h"

namespace crosstalk::harness::verify {

namespace {

using pool::SessionRef;

constexpr std::uint32_t kRegistered = 3;
constexpr std::uint32_t kRegistryLimit = 2;
constexpr std::uint32_t kStaysMost = 4'096;  // of a client in a round

// What the hooks saw, stay by stay.
struct StayBooks {
  using Counts = std::array<std::deque<std::atomic<std::uint8_t>>, kRegistered>;
  Counts opened, ended, won;
  std::atomic<std::uint32_t> open{0};

  StayBooks() {
    for (auto* const all : {&opened, &ended, &won}) {
      for (auto& of_client : *all) of_client.resize(kStaysMost);
    }
  }
  // True if it is not the first time.
  static bool again(Counts& all, SessionRef session) {
    // relaxed: only the number counts.
    return at(all, session).fetch_add(1, std::memory_order_relaxed) != 0;
  }
  static std::atomic<std::uint8_t>& at(Counts& all, SessionRef session) {
    return all[session.client][session.generation % kStaysMost];
  }
};

RegistryOnTrial::Hooks watching_hooks(CaseRun& run, StayBooks& books) {
  RegistryOnTrial::Hooks hooks;
  hooks.opened = [&](SessionRef session) {
    if (StayBooks::again(books.opened, session)) run.fail("exactly once", "a session was opened twice");
    // relaxed (both): a number; with a session too many it is seen too high.
    if (books.open.fetch_add(1, std::memory_order_relaxed) >= kRegistryLimit)
      run.fail("limit", "there are more sessions than there may be");
  };
  hooks.ended = [&](SessionRef session) {
    // relaxed: as above.
    books.open.fetch_sub(1, std::memory_order_relaxed);
    if (StayBooks::again(books.ended, session)) run.fail("exactly once", "a session ended twice");
    if (look(StayBooks::at(books.opened, session)) == 0)
      run.fail("order of hooks", "a session ended unopened");
  };
  return hooks;
}

void come_and_be_ended(CaseRun& run, const AnyRegistry& any) {
  const std::size_t let_in = run.cell("connect = let in");
  const std::size_t refused = run.cell("connect = refused");
  const std::size_t won = run.cell("end = true");
  const std::size_t lost = run.cell("end = false");
  Crew crew(run, 4);
  run.rounds({2, 3, 4, 4}, 20, 200, [&](const Round& round) {
    StayBooks books;
    std::array<std::atomic<std::uint32_t>, kRegistered> newest{};
    const auto registry = any.make(kRegistered, kRegistryLimit, watching_hooks(run, books));
    crew.round(round, [&](Member& member) {
      for (std::uint64_t i = 0; i < round.operations; ++i) {
        member.injector().outside();
        const auto client = static_cast<pool::ClientId>(member.random().below(kRegistered));
        if (member.random().one_in(2)) {
          SessionRef session{client, 0};
          member.begin("connect", client);
          const bool in = registry->connect(client, session);
          member.end(in ? 1 : 0);
          run.count(in ? let_in : refused);
          if (in) note(newest[client], session.generation);
          continue;
        }
        const SessionRef session{client, look(newest[client])};
        member.begin("end", client, session.generation);
        const bool ended = registry->end(session);
        member.end(ended ? 1 : 0);
        run.count(ended ? won : lost);
        if (ended && StayBooks::again(books.won, session))
          crew.fail("exactly once", "two callers ended the same session");
      }
    });
    run.expect("shutdown", "shutdown() with nobody inside a call does not return");
    registry->shutdown();
    run.expect_nothing();
    SessionRef late{0, 0};
    if (registry->connect(0, late)) crew.fail("shutdown", "somebody got in after the shutdown");
    if (look(books.open) != 0)
      crew.fail("exactly once",
                std::to_string(look(books.open)) + " sessions have not ended at the shutdown");
  });
}

}  // namespace

std::vector<VerifyCase> registry_cases(const AnyRegistry& any) {
  return {{"sessions", [any](CaseRun& run) { come_and_be_ended(run, any); }, 1}};
}

}  // namespace crosstalk::harness::verify
