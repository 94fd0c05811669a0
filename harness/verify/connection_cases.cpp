#include <array>
#include <string>

#include "harness/verify/crew.h"
#include "harness/verify/puppets.h"
#include "harness/verify/service_cases.h"

namespace crosstalk::harness::verify {

namespace {

constexpr unsigned kConnections = 2;
constexpr std::chrono::nanoseconds kForEver = std::chrono::hours(1);
constexpr std::chrono::nanoseconds kSoon = std::chrono::microseconds(500);

// Acquisitions that ran out of time have taken nothing.
void time_outs(CaseRun& run, const AnyConnections& any) {
  const std::size_t cell = run.cell("drill: acquisitions that time out");
  Puppets puppets(run, 1);
  run.rounds([&](const Round& round) {
    const auto connections = any.make(kConnections);
    std::array<int, kConnections> held{};
    const auto take_all = [&](const char* detail) {
      for (int& one : held) {
        puppets.order(
            0,
            [&](Member& member) {
              member.begin("acquire");
              one = connections->acquire(kForEver);
              member.end(one);
            },
            "permits", detail);
        if (one < 0) puppets.fail("permits", detail);
      }
    };
    take_all("a fresh pool does not lend all of its connections");
    if (held[0] == held[1]) puppets.fail("one holder", "a connection was lent twice");
    for (std::uint64_t i = 0; i < 1 + round.number % 4; ++i) {
      puppets.order(0, [&](Member& member) {
        member.begin("acquire");
        const int more = connections->acquire(kSoon);
        member.end(more);
        if (more >= 0) puppets.fail("permits", "more connections were lent than there may be");
      });
    }
    for (const int one : held) connections->give_back(one);
    take_all("after acquisitions that timed out not all connections can be had");
    for (const int one : held) connections->give_back(one);
    run.count(cell);
  });
}

void lend(CaseRun& run, const AnyConnections& any) {
  const std::size_t lent = run.cell("acquire = connection");
  const std::size_t late = run.cell("acquire = timed out", true);
  Crew crew(run, 4);
  run.rounds({3, 4, 4, 2}, 10, 100, [&](const Round& round) {
    const auto connections = any.make(kConnections);
    std::array<std::atomic<std::uint64_t>, 64> holders{};
    crew.round(round, [&](Member& member) {
      for (std::uint64_t i = 0; i < round.operations; ++i) {
        member.injector().outside();
        member.begin("acquire");
        const bool soon = member.random().one_in(3);
        const int one = connections->acquire(soon ? std::chrono::microseconds(20) : kForEver);
        member.end(one);
        if (one < 0 && !soon) crew.fail("permits", "acquire() gave up long before its time");
        run.count(one < 0 ? late : lent);
        if (one < 0) continue;
        auto& holder = holders[static_cast<std::size_t>(one) % holders.size()];
        if (look(holder) != 0) crew.fail("one holder", "a connection was lent to two threads");
        note(holder, std::uint64_t{member.id() + 1});
        member.injector().inside();
        if (look(holder) != member.id() + 1) crew.fail("one holder", "a connection was lent to two threads");
        note(holder, std::uint64_t{0});
        connections->give_back(one);
      }
    });
  });
}

}  // namespace

std::vector<VerifyCase> connection_cases(const AnyConnections& any) {
  return {{"drills", [any](CaseRun& run) { time_outs(run, any); }, 0.4},
          {"stress", [any](CaseRun& run) { lend(run, any); }, 0.6}};
}

}  // namespace crosstalk::harness::verify
