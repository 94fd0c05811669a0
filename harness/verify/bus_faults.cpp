// Buses whose callbacks throw, subscribe, unsubscribe and publish, whose subscribers come and go, and to which the system gives no threads.
#include <sched.h>

#include <array>
#include <memory>
#include <string>

#include "harness/verify/crew.h"
#include "harness/verify/puppets.h"
#include "harness/verify/scarce_threads.h"
#include "harness/verify/service_cases.h"

namespace crosstalk::harness::verify {

namespace {

constexpr const char* kOnce = "exactly once";
constexpr const char* kReentry = "re-entrancy";

struct SubscriberThrows {};

// A publisher of its own, whose hang is seen.
class Publishing {
 public:
  Publishing(CaseRun& run, Puppets& puppets, BusOnTrial& bus) : run_(run), puppets_(puppets), bus_(bus) {}
  void publish(std::uint64_t number, const char* property, const char* detail) {
    puppets_.order(
        0,
        [&](Member& member) {
          member.begin("publish", number);
          bus_.publish({0, number});
          member.end();
        },
        property, detail);
    run_.expect(property, detail);
    bus_.settle();
    run_.expect_nothing();
    run_.step();
  }

 private:
  CaseRun& run_;
  Puppets& puppets_;
  BusOnTrial& bus_;
};

// The first, the middle or the last of three throws.
void one_throws(CaseRun& run, Puppets& puppets, const AnyBus& any, std::size_t which) {
  const auto bus = any.make();
  std::array<std::atomic<std::uint64_t>, 3> got{};
  std::vector<std::unique_ptr<BusOnTrial::Subscriber>> subscribers;
  for (std::size_t i = 0; i < got.size(); ++i) {
    subscribers.push_back(bus->subscribe([&got, i, which](const BusEvent&) {
      raise(got[i]);
      if (i == which) throw SubscriberThrows();
    }));
  }
  Publishing publishing(run, puppets, *bus);
  for (std::uint64_t number = 1; number <= 2; ++number)
    publishing.publish(number, "survives what subscribers throw",
                       "publish() does not return after a subscriber threw");
  for (const auto& one : got) {
    if (look(one) != 2)
      run.fail(kOnce,
               "of 2 events " + std::to_string(look(one)) + " reached a subscriber, as one of three throws");
  }
  if (bus->failed() != 2)
    run.fail("books", "2 callbacks threw, the bus counts " + std::to_string(bus->failed()));
  for (const auto& subscriber : subscribers) subscriber->unsubscribe();
}

// Callbacks change the subscriptions: one leaves by itself, removes another one, and brings a new one.
void change_inside(CaseRun& run, Puppets& puppets, const AnyBus& any) {
  struct Play {
    std::atomic<std::uint64_t> self{0}, other{0}, guest{0};
    std::unique_ptr<BusOnTrial::Subscriber> self_token, other_token, guest_token;
  };
  const auto play = std::make_shared<Play>();
  const auto bus = any.make();
  play->self_token = bus->subscribe([&run, play, &bus](const BusEvent&) {
    if (look(play->self) != 0) return;
    raise(play->self);
    play->other_token->unsubscribe();
    play->guest_token = bus->subscribe([play](const BusEvent&) { raise(play->guest); });
    play->self_token->unsubscribe();
    run.step();
  });
  play->other_token = bus->subscribe([play](const BusEvent&) { raise(play->other); });
  Publishing publishing(run, puppets, *bus);
  publishing.publish(1, kReentry, "a callback that subscribes and unsubscribes");
  // The first event may have reached both: they were subscribed during its publish, or called beside the callback.
  const std::uint64_t guest_before = look(play->guest);
  const std::uint64_t other_before = look(play->other);
  publishing.publish(2, kReentry, "a publish after a callback has changed the subscriptions");
  if (look(play->self) != 1) run.fail(kOnce, "a subscriber was not called");
  if (look(play->guest) != guest_before + 1)
    run.fail(kOnce, "who was subscribed by a callback is not called");
  if (look(play->other) != other_before)
    run.fail("unsubscribing", "who was unsubscribed by a callback is called on");
  play->guest_token->unsubscribe();
  // The callback holds the play, and the play the token.
  play->self_token.reset();
  play->other_token.reset();
  play->guest_token.reset();
}

// Callbacks publish, to a depth.
void publish_inside(CaseRun& run, Puppets& puppets, const AnyBus& any) {
  constexpr std::uint64_t kDepth = 3;
  const auto bus = any.make();
  std::atomic<std::uint64_t> got{0};
  const auto subscriber = bus->subscribe([&](const BusEvent& event) {
    raise(got);
    if (event.number < kDepth) bus->publish({0, event.number + 1});
  });
  Publishing(run, puppets, *bus).publish(1, kReentry, "a callback that publishes");
  if (look(got) != kDepth)
    run.fail(kOnce, std::to_string(look(got)) + " of " + std::to_string(kDepth) +
                        " events came, as callbacks publish");
  subscriber->unsubscribe();
}

// No thread can be had: the events come all the same.
void publish_without_threads(CaseRun& run, const AnyBus& any) {
  const auto bus = any.make();
  std::atomic<std::uint64_t> got{0};
  const auto subscriber = bus->subscribe([&](const BusEvent&) { raise(got); });
  run.expect("scarce threads", "publish() where no thread can be had does not return");
  where_no_thread_starts([&] {
    for (std::uint64_t number = 1; number <= 3; ++number) bus->publish({0, number});
  });
  bus->settle();
  run.expect_nothing();
  if (look(got) != 3)
    run.fail(kOnce, std::to_string(look(got)) + " of 3 events came where no thread can be had");
  subscriber->unsubscribe();
}

// What a callback uses; not its memory, so that a late call is seen and not a crash.
struct Visit {
  std::atomic<bool> called{false};
  std::atomic<bool> over{false};
};

// Of a publisher and those who come and go.
struct Churn {
  std::atomic<std::uint64_t> visitors{0};
  std::atomic<std::uint64_t> published{0};  // events whose publish() has returned
  std::atomic<std::uint64_t> doubts{0};     // of visitors that nobody calls
  std::atomic<std::uint64_t> settled{0};    // doubts behind which everything has been delivered
};

void publish_while_visited(Member& member, BusOnTrial& bus, Churn& churn) {
  for (std::uint64_t number = 1; look(churn.visitors) != 0; ++number) {
    member.injector().outside();
    member.begin("publish", number);
    bus.publish({0, number});
    member.end();
    raise(churn.published);
    const std::uint64_t doubts = look(churn.doubts);
    if (doubts != look(churn.settled)) {
      bus.settle();
      // release: pairs with the acquire in await_call(); what was called is seen.
      churn.settled.store(doubts, std::memory_order_release);
    }
    sched_yield();
  }
}

// Until the visitor is called. Events may come late, so that their number alone proves nothing: once there were many, the publisher waits
// until all have been delivered.
void await_call(Crew& crew, Churn& churn, const Visit& visit) {
  constexpr std::uint64_t kSurelyCalled = 10'000;
  const std::uint64_t enough = look(churn.published) + 1 + kSurelyCalled;  // one may be under way
  while (!look(visit.called) && look(churn.published) < enough) sched_yield();
  if (look(visit.called)) return;
  // relaxed: only the number counts.
  const std::uint64_t mine = churn.doubts.fetch_add(1, std::memory_order_relaxed) + 1;
  // acquire: pairs with the release of the publisher.
  while (!look(visit.called) && churn.settled.load(std::memory_order_acquire) < mine) sched_yield();
  if (!look(visit.called))
    crew.fail(kOnce,
              "of " + std::to_string(kSurelyCalled) + " events none came to who was subscribed all the time");
}

}  // namespace

void drill_bus(CaseRun& run, const AnyBus& any) {
  const std::size_t throws = run.cell("drill: one of three subscribers throws");
  const std::size_t changes = run.cell("drill: subscribe and unsubscribe in a callback");
  const std::size_t publishes = run.cell("drill: publish in a callback");
  const std::size_t scarce = run.cell("drill: no thread can be had");
  Puppets puppets(run, 1);
  run.rounds([&](const Round&) {
    for (std::size_t which = 0; which < 3; ++which) one_throws(run, puppets, any, which);
    run.count(throws);
    change_inside(run, puppets, any);
    run.count(changes);
    publish_inside(run, puppets, any);
    run.count(publishes);
    publish_without_threads(run, any);
    run.count(scarce);
  });
}

// Subscribers come and go while another thread publishes, until all have gone; what a callback uses is gone as soon as it is
// unsubscribed. Some stay until they are called.
void churn_bus(CaseRun& run, const AnyBus& any) {
  const std::size_t visits = run.cell("subscribe, unsubscribe, destroy");
  const std::size_t called = run.cell("called during a visit");
  Crew crew(run, 3);
  run.rounds({2, 3, 3, 2}, 5, 30, [&](const Round& round) {
    const auto bus = any.make();
    Churn churn;
    note(churn.visitors, round.threads - 1);
    run.expect("progress", "subscribers that come and go beside a publisher");
    crew.round(round, [&](Member& member) {
      if (member.id() == 0) return publish_while_visited(member, *bus, churn);
      for (std::uint64_t number = 1; number <= round.operations; ++number) {
        member.injector().outside();
        const bool stays = number % 4 == 1;
        const auto visit = std::make_shared<Visit>();
        member.begin("visit", number);
        auto token = bus->subscribe([&crew, &run, visit, called](const BusEvent&) {
          if (look(visit->over))
            crew.fail("unsubscribing", "a callback ran after unsubscribe() had returned");
          note(visit->called, true);
          run.count(called);
        });
        member.injector().inside();
        if (stays) await_call(crew, churn, *visit);
        token->unsubscribe();
        note(visit->over, true);
        token.reset();
        member.end();
        run.count(visits);
      }
      // relaxed: only the number counts.
      churn.visitors.fetch_sub(1, std::memory_order_relaxed);
    });
    bus->settle();
    run.expect_nothing();
  });
}

}  // namespace crosstalk::harness::verify
