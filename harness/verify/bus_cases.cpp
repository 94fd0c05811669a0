#include <array>
#include <string>

#include "harness/verify/crew.h"
#include "harness/verify/puppets.h"
#include "harness/verify/service_cases.h"

namespace crosstalk::harness::verify {

namespace {

constexpr std::uint64_t kSendersMost = 4;

// What one subscriber got of each sender. Touched by one callback at a time where the bus promises order, else by several.
struct Inbox {
  std::array<std::atomic<std::uint64_t>, kSendersMost> count{};
  std::array<std::atomic<std::uint64_t>, kSendersMost> sum{};
  std::array<std::atomic<std::uint64_t>, kSendersMost> last{};
};

void deliver(CaseRun& run, const AnyBus& any) {
  const std::size_t delivered = run.cell("delivered");
  Crew crew(run, kSendersMost);
  run.rounds({2, 3, 4, 2}, 10, 100, [&](const Round& round) {
    std::array<Inbox, 2> inboxes;
    const auto bus = any.make();
    std::vector<std::unique_ptr<BusOnTrial::Subscriber>> subscribers;
    for (Inbox& inbox : inboxes) {
      subscribers.push_back(bus->subscribe([&](const BusEvent& event) {
        raise(inbox.count[event.sender]);
        raise(inbox.sum[event.sender], event.number);
        if (any.contract.sender_order && event.number <= look(inbox.last[event.sender])) {
          run.fail("order of a sender", "event " + std::to_string(event.number) + " of sender " +
                                            std::to_string(event.sender) + " came after event " +
                                            std::to_string(look(inbox.last[event.sender])));
        }
        note(inbox.last[event.sender], event.number);
        run.count(delivered);
      }));
    }
    crew.round(round, [&](Member& member) {
      for (std::uint64_t number = 1; number <= round.operations; ++number) {
        member.injector().outside();
        member.begin("publish", number);
        bus->publish({member.id(), number});
        member.end();
      }
    });
    run.expect("delivery", "what was published is not delivered");
    bus->settle();
    run.expect_nothing();
    const std::uint64_t sum = round.operations * (round.operations + 1) / 2;
    for (const Inbox& inbox : inboxes) {
      for (std::uint64_t sender = 0; sender < round.threads; ++sender) {
        if (look(inbox.count[sender]) == round.operations && look(inbox.sum[sender]) == sum) continue;
        crew.fail("exactly once", std::to_string(look(inbox.count[sender])) + " of " +
                                      std::to_string(round.operations) + " events reached a subscriber");
      }
    }
    for (const auto& subscriber : subscribers) subscriber->unsubscribe();
  });
}

// One subscriber holds the publisher up, or a worker; the other one leaves meanwhile.
void leave_during_publish(CaseRun& run, const AnyBus& any) {
  const std::size_t cell = run.cell("drill: unsubscribing during a publish");
  Puppets puppets(run, 2);
  run.rounds([&](const Round&) {
    std::atomic<bool> entered{false};
    std::atomic<bool> open{false};
    std::atomic<bool> gone{false};
    const auto bus = any.make();
    const auto slow = bus->subscribe([&](const BusEvent&) {
      note(entered, true);
      entered.notify_all();
      open.wait(false, std::memory_order_relaxed);  // relaxed: only the value counts
    });
    const auto leaver = bus->subscribe([&](const BusEvent&) {
      if (look(gone)) run.fail("unsubscribing", "a callback was called after unsubscribe() had returned");
    });
    puppets.tell(0, [&](Member& member) {
      member.begin("publish");
      bus->publish({0, 1});
      member.end();
    });
    run.expect("delivery", "the first subscriber is not called");
    entered.wait(false, std::memory_order_relaxed);  // relaxed: only the value counts
    puppets.order(
        1,
        [&](Member& member) {
          member.begin("unsubscribe");
          leaver->unsubscribe();
          member.end();
          note(gone, true);
        },
        "unsubscribing", "unsubscribe() waits for another subscriber's callback");
    note(open, true);
    open.notify_all();
    puppets.await(0, "progress", "publish() does not return after its callbacks have");
    bus->settle();
    slow->unsubscribe();
    run.count(cell);
  });
}

}  // namespace

std::vector<VerifyCase> bus_cases(const AnyBus& any) {
  std::vector<VerifyCase> cases{{"delivery", [any](CaseRun& run) { deliver(run, any); }, 0.4},
                                {"faults", [any](CaseRun& run) { drill_bus(run, any); }, 0.2}};
  if (any.contract.unsubscribing == pool::Unsubscribing::sync) {
    cases.push_back({"drills", [any](CaseRun& run) { leave_during_publish(run, any); }, 0.2});
    cases.push_back({"churn", [any](CaseRun& run) { churn_bus(run, any); }, 0.2});
  }
  return cases;
}

}  // namespace crosstalk::harness::verify
