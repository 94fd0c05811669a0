#include "pool/events/bus_core.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "pool/conformance.h"
#include "pool/events/bus_test_help.h"
#include "pool/events/event_bus.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

using Token = EventBus::Token;

TEST_CASE("unsubscribing waits for an invocation on another thread, of any kind", "[pool][bus]") {
  const Topic<int> topic("a");
  for (const Dispatch dispatch : {Dispatch::inlined, Dispatch::pooled, Dispatch::thread}) {
    TestExecutor pool(1);
    EventBus bus({.executor = &pool});
    std::atomic<int> started{0};
    std::atomic<int> ended{0};
    std::atomic<int> go{0};
    Token token = bus.subscribe(
        topic,
        [&](int) {
          ++started;
          bus_test_await(go, 1);
          ++ended;
        },
        dispatch);
    std::thread publisher([&] { bus.publish(topic, 1); });
    bus_test_await(started, 1);
    int seen = 0;
    std::thread remover([&] {
      token.unsubscribe();
      seen = ended;
    });
    go = 1;
    remover.join();
    publisher.join();
    CHECK(seen == 1);
  }
}

TEST_CASE(
    "a removed subscriber gets nothing from other threads either, once unsubscribe has returned inside a callback",
    "[pool][bus][stress]") {
  const Topic<int> remover_topic("remover");
  const Topic<int> topic("a");
  for (unsigned round = 0; round < stress_rounds(500); ++round) {
    EventBus bus;
    std::atomic<bool> removed{false};
    std::atomic<int> late{0};
    Token victim = bus.subscribe(topic, [&](int) { late += removed ? 1 : 0; });
    const Token remover = bus.subscribe(remover_topic, [&](int) {
      victim.unsubscribe();
      victim.wait();  // what was under way when it returned may still look at `removed`
      removed = true;
    });
    detail::run_threads(3, [&](unsigned id) {
      for (int i = 0; i < 20; ++i) bus.publish(id == 0 && i == 5 ? remover_topic : topic, i);
    });
    REQUIRE(late == 0);
  }
}

TEST_CASE("unsubscribing does not wait for other callbacks, not even of the same topic", "[pool][bus]") {
  const Topic<int> topic("a");
  EventBus bus;
  std::atomic<int> started{0};
  std::atomic<int> go{0};
  std::vector<Token> others;
  const auto held = std::make_shared<int>(1);
  for (int i = 0; i < 50; ++i) others.push_back(bus.subscribe(topic, [held](int) {}));
  const Token slow = bus.subscribe(topic, [&](int) {
    ++started;
    bus_test_await(go, 1);
  });
  for (int i = 0; i < 50; ++i) others.push_back(bus.subscribe(topic, [held](int) {}));
  std::thread publisher([&] { bus.publish(topic, 1); });
  bus_test_await(started, 1);
  others.clear();  // would hang here
  CHECK(held.use_count() == 1);
  go = 1;
  publisher.join();
  CHECK(bus.stats().delivered == 51);
  CHECK(bus.publish(topic, 1) == 1);
}

TEST_CASE("whoever stays gets everything once while neighbours come and go", "[pool][bus]") {
  const Topic<int> topic("a");
  EventBus bus;
  std::vector<int> got(1'000);
  std::vector<Token> tokens;
  for (int& count : got) tokens.push_back(bus.subscribe(topic, [&count](int) { ++count; }));
  std::size_t there = tokens.size();
  std::vector<int> expected(got.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::size_t victim = i * 617 % tokens.size();
    if (victim % 10 != 0) {
      tokens[victim] = {};
      --there;
    }
    if (i % 50 != 0) continue;
    CHECK(bus.publish(topic, 1) == there);
    for (std::size_t k = 0; k < tokens.size(); ++k) expected[k] += tokens[k].subscribed() ? 1 : 0;
  }
  CHECK(got == expected);
}

TEST_CASE("many topics are told apart, also after most of them have gone", "[pool][bus]") {
  EventBus bus;
  std::vector<Topic<int>> topics;
  std::vector<Token> tokens;
  std::vector<int> got(500);
  for (std::size_t i = 0; i < got.size(); ++i) {
    topics.emplace_back("topic " + std::to_string(i));
    tokens.push_back(bus.subscribe(topics[i], [&got, i](int event) { got[i] += event; }));
  }
  for (std::size_t i = 0; i < got.size(); ++i) bus.publish(topics[i], static_cast<int>(i));
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == static_cast<int>(i));
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (i % 100 != 0) tokens[i] = {};
  }
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(bus.publish(topics[i], 1) == (i % 100 == 0 ? 1 : 0));
  tokens[1] = bus.subscribe(topics[1], [&](int) {});
  CHECK(bus.publish(topics[1], 1) == 1);
}

TEST_CASE("statistics count what happened", "[pool][bus]") {
  const Topic<int> topic("a");
  ManualExecutor executor;
  EventBus bus({.executor = &executor});
  const Token first = bus.subscribe(topic, [](int) {});
  const Token second = bus.subscribe(topic, [](int) { throw 1; });
  Token third = bus.subscribe(
      topic, [](int) {}, Dispatch::pooled);
  CHECK(bus.publish(topic, 1) == 3);
  CHECK(bus.publish(Topic<int>("b"), 1) == 0);
  executor.run_all();
  bus.publish(topic, 1);
  third.unsubscribe();
  const BusStats stats = bus.stats();
  CHECK(stats.published == 3);
  CHECK(stats.queued == 2);
  CHECK(stats.started == 1);
  CHECK(stats.dropped == 1);
  CHECK(stats.rejected == 0);
  CHECK(stats.delivered == 3);
  CHECK(stats.failed == 2);
  CHECK(stats.live_threads == 0);
}

}  // namespace
}  // namespace crosstalk::pool
