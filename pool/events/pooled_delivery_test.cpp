#include "pool/events/pooled_delivery.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <numeric>
#include <vector>

#include "pool/conformance.h"
#include "pool/events/bus_test_help.h"
#include "pool/events/event_bus.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

using Token = EventBus::Token;
using Answer = ManualExecutor::Answer;

void pooled_check_law(const BusStats& stats) {
  CHECK(stats.started + stats.dropped + stats.rejected == stats.queued);
}

// The chapter started a thread for each callback: two events of one sender could run in any order, and together.
TEST_CASE("thread per callback loses order: pooled, each subscriber gets events in order, one at a time",
          "[pool][bus]") {
  const Topic<int> topic("a");
  TestExecutor pool(3);
  EventBus bus({.executor = &pool, .parallelism = 3});
  std::vector<std::vector<int>> got(100);
  std::vector<Token> tokens;
  for (auto& mine : got) {
    tokens.push_back(bus.subscribe(
        topic, [&mine](int event) { mine.push_back(event); }, Dispatch::pooled));
  }
  std::vector<int> sent(200);
  std::iota(sent.begin(), sent.end(), 0);
  for (const int event : sent) CHECK(bus.publish(topic, event) == got.size());
  pool.wait_idle();
  for (const auto& mine : got) CHECK(mine == sent);
  pooled_check_law(bus.stats());
}

TEST_CASE("a pooled callback that blocks does not hold up its neighbours", "[pool][bus]") {
  const Topic<int> topic("a");
  TestExecutor pool(2);
  EventBus bus({.executor = &pool, .parallelism = 2});
  std::atomic<int> others{0};
  std::vector<Token> tokens;
  for (int i = 0; i < 10; ++i) {
    tokens.push_back(bus.subscribe(
        topic,
        [&, i](int) {
          if (i == 3) bus_test_await(others, 9);  // hangs if one of them has to wait for this one
          if (i != 3) ++others;
        },
        Dispatch::pooled));
  }
  bus.publish(topic, 1);
  pool.wait_idle();
  CHECK(others == 9);
}

TEST_CASE("few tasks run many pooled callbacks", "[pool][bus]") {
  const Topic<int> topic("a");
  ManualExecutor executor;
  EventBus bus({.executor = &executor, .parallelism = 2});
  int runs = 0;
  std::vector<Token> tokens;
  for (int i = 0; i < 100; ++i) {
    tokens.push_back(bus.subscribe(
        topic, [&](int) { ++runs; }, Dispatch::pooled));
  }
  bus.publish(topic, 1);
  bus.publish(topic, 2);
  CHECK(executor.posts == 2);
  executor.run_all();
  CHECK(runs == 200);
}

TEST_CASE("a drain gives its worker back after a turn", "[pool][bus]") {
  const Topic<int> topic("a");
  ManualExecutor executor;
  EventBus bus({.executor = &executor, .parallelism = 1});
  std::vector<int> got;
  const Token token = bus.subscribe(
      topic,
      [&](int event) {
        got.push_back(event);
        if (event < 1'000) bus.publish(topic, event + 1);
      },
      Dispatch::pooled);
  bus.publish(topic, 1);
  CHECK(executor.run_one());
  CHECK(got.size() < 600);
  executor.run_all();
  CHECK(got.size() == 1'000);
  CHECK(got.back() == 1'000);
  pooled_check_law(bus.stats());
}

TEST_CASE("what is queued and not started is dropped by unsubscribing, and counted", "[pool][bus]") {
  const Topic<std::shared_ptr<int>> topic("a");
  ManualExecutor executor;
  EventBus bus({.executor = &executor});
  int runs = 0;
  const auto event = std::make_shared<int>(1);
  Token token = bus.subscribe(
      topic, [&](const std::shared_ptr<int>&) { ++runs; }, Dispatch::pooled);
  for (int i = 0; i < 5; ++i) bus.publish(topic, event);
  CHECK(event.use_count() == 6);
  token.unsubscribe();
  CHECK(event.use_count() == 1);
  CHECK(bus.stats().dropped == 5);
  executor.run_all();
  CHECK(runs == 0);
  pooled_check_law(bus.stats());
}

TEST_CASE("a callback may drop what is queued for itself", "[pool][bus]") {
  const Topic<int> topic("a");
  ManualExecutor executor;
  EventBus bus({.executor = &executor});
  int runs = 0;
  Token token;
  token = bus.subscribe(
      topic,
      [&](int) {
        ++runs;
        token.unsubscribe();
      },
      Dispatch::pooled);
  for (int i = 0; i < 5; ++i) bus.publish(topic, i);
  executor.run_all();
  CHECK(runs == 1);
  CHECK(bus.stats().dropped == 4);
  pooled_check_law(bus.stats());
}

TEST_CASE("what the executor refuses is counted as rejected, and later events are not affected",
          "[pool][bus]") {
  const Topic<int> topic("a");
  for (const Answer answer : {Answer::reject, Answer::fail}) {
    ManualExecutor executor;
    EventBus bus({.executor = &executor});
    int runs = 0;
    const Token first = bus.subscribe(
        topic, [&](int) { ++runs; }, Dispatch::pooled);
    const Token second = bus.subscribe(
        topic, [&](int) { ++runs; }, Dispatch::pooled);
    executor.answer = answer;
    bus.publish(topic, 1);
    CHECK(bus.stats().rejected == 2);
    executor.answer = Answer::accept;
    bus.publish(topic, 2);
    executor.run_all();
    CHECK(runs == 2);
    pooled_check_law(bus.stats());
  }
}

TEST_CASE("what the executor destroys unrun is counted as rejected", "[pool][bus]") {
  const Topic<int> topic("a");
  ManualExecutor executor;
  EventBus bus({.executor = &executor});
  int runs = 0;
  const Token token = bus.subscribe(
      topic, [&](int) { ++runs; }, Dispatch::pooled);
  bus.publish(topic, 1);
  executor.destroy_all();
  CHECK(bus.stats().rejected == 1);
  bus.publish(topic, 2);
  executor.run_all();
  CHECK(runs == 1);
  pooled_check_law(bus.stats());
}

TEST_CASE("an executor may run pooled callbacks on the publisher's thread", "[pool][bus]") {
  const Topic<int> topic("a");
  ManualExecutor executor;
  executor.answer = Answer::run_here;
  EventBus bus({.executor = &executor});
  std::vector<int> got;
  const Token token = bus.subscribe(
      topic,
      [&](int event) {
        got.push_back(event);
        if (event < 100) bus.publish(topic, event + 1);
      },
      Dispatch::pooled);
  bus.publish(topic, 1);
  CHECK(got.size() == 100);
  pooled_check_law(bus.stats());
}

TEST_CASE("destroying a bus drops what is queued; its tasks may stay in the executor", "[pool][bus]") {
  const Topic<std::shared_ptr<int>> topic("a");
  const auto event = std::make_shared<int>(1);
  ManualExecutor executor;
  int runs = 0;
  for (const bool run : {false, true}) {
    auto bus = std::make_unique<EventBus>(BusOptions{.executor = &executor});
    const Token token = bus->subscribe(
        topic, [&](const std::shared_ptr<int>&) { ++runs; }, Dispatch::pooled);
    bus->publish(topic, event);
    bus.reset();
    CHECK(event.use_count() == 1);
    if (run) executor.run_all();
  }
  CHECK(runs == 0);
}

TEST_CASE("pooled deliveries are started, dropped or rejected, each once", "[pool][bus][stress]") {
  const Topic<int> topic("a");
  for (unsigned round = 0; round < stress_rounds(200); ++round) {
    TestExecutor pool(2, 1);
    std::atomic<std::uint64_t> runs{0};
    std::atomic<std::uint64_t> reached{0};
    BusStats stats;
    {
      EventBus bus({.executor = &pool, .parallelism = 2});
      detail::run_threads(4, [&](unsigned id) {
        for (int i = 0; i < 30; ++i) {
          const auto alive = std::make_unique<int>(i);
          const Token token = bus.subscribe(
              topic, [&, p = alive.get()](int event) { runs += *p + event >= 0 ? 1 : 0; }, Dispatch::pooled);
          for (unsigned k = 0; k < id; ++k) reached += bus.publish(topic, i);
        }
      });
      pool.wait_idle();
      stats = bus.stats();
    }
    REQUIRE(stats.queued == reached);
    REQUIRE(stats.started == runs);
    REQUIRE(stats.started + stats.dropped + stats.rejected == stats.queued);
  }
}

}  // namespace
}  // namespace crosstalk::pool
