// Event counts, by two threads that wait for each other in turn; rooms, by transfers in all directions, with an eye on the order of their
// locks where those can be watched (watched_lock.h).
#include <optional>

#include "harness/verify/crew.h"
#include "harness/verify/lock_order.h"
#include "harness/verify/puppets.h"
#include "harness/verify/service_cases.h"
#include "pool/cache_line.h"

namespace crosstalk::harness::verify {

namespace {

void take_turns(CaseRun& run, const AnyEvents& any) {
  const std::size_t turns = run.cell("turns");
  Crew crew(run, 2);
  run.rounds([&](const Round& one) {
    Round round = one;
    round.threads = 2;
    constexpr std::uint64_t kTurns = 400;
    const auto ping = any.make();
    const auto pong = any.make();
    // relaxed (all): what is notified of orders itself, or has the bug that is looked for.
    std::atomic<std::uint64_t> pinged{0};
    std::atomic<std::uint64_t> ponged{0};
    run.expect("wake-up", "a notification was lost");
    crew.round(round, [&](Member& member) {
      for (std::uint64_t turn = 1; turn <= kTurns; ++turn) {
        // Out of step by some nanoseconds, so that looks and notifications meet in all ways.
        for (std::uint64_t i = member.random().below(64); i > 0; --i) pool::cpu_relax();
        if (member.id() == 0) {
          note(pinged, turn);
          ping->notify();
          pong->await([&] { return look(ponged) >= turn; });
        } else {
          ping->await([&] { return look(pinged) >= turn; });
          note(ponged, turn);
          pong->notify();
        }
        member.begin("turn", turn);
        member.end();
      }
    });
    run.expect_nothing();
    run.count(turns, kTurns);
  });
}

// Three sleep, one notification of all wakes them, also those that look in vain at first.
void wake_everybody(CaseRun& run, const AnyEvents& any) {
  const std::size_t cell = run.cell("drill: three wait, all are notified");
  constexpr unsigned kSleepers = 3;
  Puppets puppets(run, kSleepers);
  run.rounds([&](const Round&) {
    const auto events = any.make();
    // relaxed (all): as in take_turns().
    std::atomic<bool> open{false};
    for (unsigned who = 0; who < kSleepers; ++who) {
      puppets.tell(who, [&](Member& member) {
        member.begin("await");
        events->await([&] { return look(open); });
        member.end();
      });
    }
    for (unsigned who = 0; who < kSleepers; ++who) {
      if (puppets.settles(who)) puppets.fail("wake-up", "a wait ended before what was waited for");
    }
    events->notify_all();
    note(open, true);
    events->notify_all();
    for (unsigned who = 0; who < kSleepers; ++who)
      puppets.await(who, "wake-up", "a notification of all has not woken all");
    run.count(cell);
  });
}

void transfer_around(CaseRun& run, const AnyRooms& any) {
  const std::size_t cell = run.cell("transfer");
  constexpr unsigned kRooms = 3;
  Crew crew(run, 4);
  run.rounds({2, 3, 4, 2}, 20, 300, [&](const Round& round) {
    LockOrder order([&](const std::string& found) { crew.fail("no deadlock", found); });
    std::optional<LockOrder::Scope> watching;
    if (run.options().disturb)
      watching.emplace(order);  // a plain stress test knows no more than what happens
    const auto rooms = any.make(kRooms);
    run.expect("no deadlock", "transfers between rooms");
    crew.round(round, [&](Member& member) {
      for (std::uint64_t i = 0; i < round.operations; ++i) {
        member.injector().outside();
        const auto from = static_cast<unsigned>(member.random().below(kRooms));
        const auto to = static_cast<unsigned>((from + 1 + member.random().below(kRooms - 1)) % kRooms);
        member.begin("transfer", from, to);
        rooms->transfer(from, to);
        member.end();
        run.count(cell);
      }
    });
    run.expect_nothing();
  });
}

}  // namespace

std::vector<VerifyCase> event_cases(const AnyEvents& any) {
  return {{"turns", [any](CaseRun& run) { take_turns(run, any); }, 0.7},
          {"notify_all", [any](CaseRun& run) { wake_everybody(run, any); }, 0.3}};
}

std::vector<VerifyCase> room_cases(const AnyRooms& any) {
  return {{"transfers", [any](CaseRun& run) { transfer_around(run, any); }, 1}};
}

}  // namespace crosstalk::harness::verify
