#include "pool/events/callback_threads.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "pool/events/bus_test_help.h"
#include "pool/events/event_bus.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("dispatch by thread runs each callback on a thread of its own, all joined at the end",
          "[pool][bus]") {
  const Topic<int> topic("a");
  std::set<std::thread::id> ids;
  std::mutex mutex;
  std::atomic<int> inside{0};
  {
    EventBus bus;
    const auto callback = [&](int) {
      ++inside;
      bus_test_await(inside, 3);  // so that all three are there together
      const std::scoped_lock guard(mutex);
      ids.insert(std::this_thread::get_id());
    };
    std::vector<EventBus::Token> tokens;
    for (int i = 0; i < 3; ++i) tokens.push_back(bus.subscribe(topic, callback, Dispatch::thread));
    CHECK(bus.publish(topic, 1) == 3);
    bus_test_await(inside, 3);
  }
  CHECK(ids.size() == 3);
  CHECK(ids.count(std::this_thread::get_id()) == 0);
}

TEST_CASE("at the cap on live threads a callback runs on the publisher's thread", "[pool][bus]") {
  const Topic<int> topic("a");
  EventBus bus({.threads_max = 2});
  std::atomic<int> inside{0};
  std::atomic<int> go{0};
  const auto here = std::this_thread::get_id();
  int ran_here = 0;
  const auto token = bus.subscribe(
      topic,
      [&](int) {
        if (std::this_thread::get_id() == here) {
          ++ran_here;
          return;
        }
        ++inside;
        bus_test_await(go, 1);
      },
      Dispatch::thread);
  for (int i = 0; i < 5; ++i) CHECK(bus.publish(topic, i) == 1);
  CHECK(ran_here == 3);
  bus_test_await(inside, 2);
  CHECK(bus.stats().live_threads == 2);
  CHECK(bus.stats().queued == 2);
  go = 1;
  while (bus.stats().live_threads > 0) sched_yield();
  CHECK(bus.stats().started == 2);
  CHECK(bus.stats().delivered == 5);
}

TEST_CASE("a callback on its thread may publish to more threads", "[pool][bus]") {
  const Topic<int> topic("a");
  // Where all threads are in use, every callback may run inside the one before, which may nest only so deep.
  constexpr int kLast = detail::kMostNestedPasses - 3;
  std::atomic<int> runs{0};
  BusStats stats;
  {
    EventBus bus({.threads_max = 3});
    const auto token = bus.subscribe(
        topic,
        [&](int event) {
          if (event > 0) bus.publish(topic, event - 1);
          ++runs;
        },
        Dispatch::thread);
    bus.publish(topic, kLast);
    bus_test_await(runs, kLast + 1);
    while (bus.stats().delivered < kLast + 1) sched_yield();
    stats = bus.stats();
  }
  CHECK(runs == kLast + 1);
  CHECK(stats.started + stats.dropped + stats.rejected == stats.queued);
}

TEST_CASE("thread deliveries are started or dropped, each once, and never after unsubscribing",
          "[pool][bus][stress]") {
  const Topic<int> topic("a");
  for (unsigned round = 0; round < stress_rounds(300); ++round) {
    std::atomic<std::uint64_t> runs{0};
    std::uint64_t reached = 0;
    BusStats stats;
    EventBus bus({.threads_max = 4});
    for (int i = 0; i < 4; ++i) {
      auto alive = std::make_unique<int>(i);
      const auto token = bus.subscribe(
          topic, [&, p = alive.get()](int event) { runs += *p + event >= 0 ? 1 : 0; }, Dispatch::thread);
      reached += bus.publish(topic, i);
      reached += bus.publish(topic, i);
    }
    while (bus.stats().live_threads > 0) sched_yield();
    stats = bus.stats();
    REQUIRE(stats.delivered == runs);
    REQUIRE(stats.delivered + stats.dropped == reached);
    REQUIRE(stats.started + stats.dropped + stats.rejected == stats.queued);
  }
}

}  // namespace
}  // namespace crosstalk::pool
