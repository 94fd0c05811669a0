// Pools of connections whose factory throws, whose connections die, whose holders throw, and that are closed under those who wait.
#include <atomic>
#include <memory>
#include <string>

#include "harness/verify/puppets.h"
#include "harness/verify/service_cases.h"

namespace crosstalk::harness::verify {

namespace {

constexpr unsigned kMostOpen = 2;
constexpr std::chrono::nanoseconds kEndless = std::chrono::hours(1);

struct FactoryThrows {};
struct HolderThrows {};

// All of them can be had: no permit is lost.
void must_lend_all(CaseRun& run, Puppets& puppets, BreakableConnections& connections, const char* after) {
  std::vector<int> lent;
  for (unsigned i = 0; i < kMostOpen; ++i) {
    int one = -1;
    puppets.order(
        0,
        [&](Member& member) {
          member.begin("acquire");
          one = connections.acquire(kEndless);
          member.end(one);
        },
        "permits", std::string("not all connections can be had after ") + after);
    if (one < 0) run.fail("permits", std::string("a connection is refused after ") + after);
    for (const int other : lent) {
      if (other == one) run.fail("one holder", std::string("a connection was lent twice after ") + after);
    }
    lent.push_back(one);
  }
  for (const int one : lent) connections.give_back(one);
}

void factory_throws(CaseRun& run, Puppets& puppets, const AnyBreakableConnections& any) {
  auto failures = std::make_shared<std::atomic<int>>(0);
  AnyBreakableConnections::Faults faults;
  faults.opening = [failures] {
    // relaxed: a number, by one thread.
    if (look(*failures) <= 0) return;
    failures->fetch_sub(1, std::memory_order_relaxed);
    throw FactoryThrows();
  };
  // No connection may be lent a second time, so that each is opened anew.
  faults.valid = [seen = std::make_shared<std::atomic<int>>(-1)](int number) {
    const bool fresh = number > look(*seen);
    if (fresh) note(*seen, number);
    return fresh;
  };
  const auto connections = any.make(kMostOpen, faults);
  must_lend_all(run, puppets, *connections, "its beginning");
  for (unsigned i = 0; i <= kMostOpen; ++i) {
    note(*failures, 1);
    bool caught = false;
    puppets.order(
        0,
        [&](Member& member) {
          member.begin("acquire");
          try {
            connections->give_back(connections->acquire(kEndless));
          } catch (const FactoryThrows&) {
            caught = true;
          }
          member.end(caught ? 1 : 0);
        },
        "permits", "an acquisition whose factory throws does not return");
    if (!caught) run.fail("errors", "what the factory throws does not come to who asked");
  }
  must_lend_all(run, puppets, *connections, "a factory that threw");
}

// One that died while it was idle is replaced, once, and never lent.
void connection_dies(CaseRun& run, Puppets& puppets, const AnyBreakableConnections& any) {
  const auto dead = std::make_shared<std::atomic<int>>(-1);
  const auto opened = std::make_shared<std::atomic<int>>(0);
  AnyBreakableConnections::Faults faults;
  faults.opening = [opened] { raise(*opened); };
  faults.valid = [dead](int number) { return number != look(*dead); };
  const auto connections = any.make(kMostOpen, faults);
  const int first = connections->acquire(kEndless);
  connections->give_back(first);
  const int before = look(*opened);
  note(*dead, first);
  const int second = connections->acquire(kEndless);
  if (second == first) run.fail("replaced", "a dead connection was lent");
  connections->give_back(second);
  if (look(*opened) != before + 1)
    run.fail("replaced",
             "in place of one dead connection " + std::to_string(look(*opened) - before) + " were opened");
  must_lend_all(run, puppets, *connections, "a connection died");
}

void holder_throws(CaseRun& run, Puppets& puppets, const AnyBreakableConnections& any) {
  const auto connections = any.make(kMostOpen, {});
  for (unsigned i = 0; i <= kMostOpen; ++i) {
    puppets.order(
        0,
        [&](Member& member) {
          member.begin("use");
          try {
            connections->use([] { throw HolderThrows(); });
          } catch (const HolderThrows&) {  // as it is to be
          }
          member.end();
        },
        "permits", "after holders that threw no connection can be had");
  }
  must_lend_all(run, puppets, *connections, "holders threw");
}

void close_under_waiters(CaseRun& run, Puppets& puppets, const AnyBreakableConnections& any) {
  const auto connections = any.make(1, {});
  const int held = connections->acquire(kEndless);
  std::atomic<int> told{0};
  for (const unsigned who : {0U, 1U}) {
    puppets.tell(who, [&](Member& member) {
      member.begin("acquire");
      const int got = connections->acquire(kEndless);
      member.end(got);
      if (got == BreakableConnections::kClosed) raise(told);
    });
    if (puppets.settles(who)) run.fail("permits", "more connections were lent than there may be");
  }
  connections->close();
  for (const unsigned who : {0U, 1U})
    puppets.await(who, "wake-up", "who waits is not told that the pool was closed");
  if (look(told) != 2) run.fail("closed", "who waited got something else than that the pool was closed");
  if (connections->acquire(kEndless) != BreakableConnections::kClosed)
    run.fail("closed", "a closed pool does not say so");
  connections->give_back(held);
}

void drill_breakable(CaseRun& run, const AnyBreakableConnections& any) {
  const std::size_t factory = run.cell("drill: the factory throws");
  const std::size_t dies = run.cell("drill: a connection dies");
  const std::size_t holder = run.cell("drill: a holder throws");
  const std::size_t closes = run.cell("drill: closed while two wait");
  Puppets puppets(run, 2);
  run.rounds([&](const Round&) {
    factory_throws(run, puppets, any);
    run.count(factory);
    connection_dies(run, puppets, any);
    run.count(dies);
    holder_throws(run, puppets, any);
    run.count(holder);
    close_under_waiters(run, puppets, any);
    run.count(closes);
  });
}

}  // namespace

std::vector<VerifyCase> breakable_cases(const AnyBreakableConnections& any) {
  return {{"faults", [any](CaseRun& run) { drill_breakable(run, any); }, 0.4}};
}

}  // namespace crosstalk::harness::verify
