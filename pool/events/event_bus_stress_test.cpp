// The bus under churn from all threads. What a callback touches is freed right after its token is gone.
#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "pool/conformance.h"
#include "pool/events/bus_test_help.h"
#include "pool/events/event_bus.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

using Token = EventBus::Token;

TEST_CASE("unsubscribing frees what the callback uses, while others publish", "[pool][bus][stress]") {
  const Topic<int> topic("a");
  for (unsigned round = 0; round < stress_rounds(1'000); ++round) {
    EventBus bus;
    auto target = std::make_unique<std::atomic<int>>(0);
    Token token = bus.subscribe(topic, [&target](int) { target->fetch_add(1); });
    detail::run_threads(3, [&](unsigned id) {
      if (id != 0) {
        for (int i = 0; i < 20; ++i) bus.publish(topic, i);
        return;
      }
      token.unsubscribe();
      target.reset();
    });
  }
}

TEST_CASE("who stays subscribed gets every event exactly once under churn of all kinds",
          "[pool][bus][stress]") {
  const Topic<int> topic("a");
  constexpr unsigned kThreads = 4;
  constexpr int kEvents = 60;
  for (unsigned round = 0; round < stress_rounds(60); ++round) {
    TestExecutor pool(2);
    std::array<std::atomic<std::uint64_t>, 3> staying{};
    std::atomic<std::uint64_t> churned{0};
    std::vector<std::vector<int>> in_order(kThreads);
    bool ordered = true;
    BusStats stats;
    {
      EventBus bus({.executor = &pool, .threads_max = 4});
      std::vector<Token> stay;
      stay.push_back(bus.subscribe(topic, [&](int) { ++staying[0]; }));
      stay.push_back(bus.subscribe(
          topic,
          [&](int event) {
            ++staying[1];
            in_order[static_cast<unsigned>(event) / 1'000].push_back(event);
          },
          Dispatch::pooled));
      stay.push_back(bus.subscribe(
          topic, [&](int) { ++staying[2]; }, round % 10 == 0 ? Dispatch::thread : Dispatch::pooled));
      detail::run_threads(kThreads, [&](unsigned id) {
        for (int i = 0; i < kEvents; ++i) {
          const auto kind = i % 2 == 0 ? Dispatch::inlined : Dispatch::pooled;
          const auto target = std::make_unique<int>(i);
          Token token = bus.subscribe(
              topic, [&churned, raw = target.get()](int) { churned += *raw >= 0 ? 1 : 0; }, kind);
          bus.publish(topic, static_cast<int>(id) * 1'000 + i);
          token.unsubscribe();
        }
      });
      pool.wait_idle();
      while (bus.stats().live_threads > 0) sched_yield();
      stats = bus.stats();
    }
    for (const auto& count : staying) REQUIRE(count == kThreads * kEvents);
    for (unsigned id = 0; id < kThreads; ++id) {
      for (int i = 0; i < kEvents; ++i) {
        ordered = ordered && in_order[id].at(static_cast<std::size_t>(i)) == static_cast<int>(id) * 1'000 + i;
      }
    }
    REQUIRE(ordered);
    REQUIRE(stats.started + stats.dropped + stats.rejected == stats.queued);
    REQUIRE(stats.delivered == 3 * kThreads * kEvents + churned);
    REQUIRE(stats.failed == 0);
  }
}

TEST_CASE("callbacks on all threads unsubscribe each other", "[pool][bus][stress]") {
  const Topic<int> topic("a");
  constexpr unsigned kThreads = 4;
  for (unsigned round = 0; round < stress_rounds(400); ++round) {
    EventBus bus;
    std::vector<Token> tokens(kThreads);
    std::array<std::atomic<bool>, kThreads> gone{};
    std::array<std::unique_ptr<std::atomic<int>>, kThreads> targets;
    for (unsigned i = 0; i < kThreads; ++i) {
      targets[i] = std::make_unique<std::atomic<int>>(0);
      tokens[i] = bus.subscribe(topic, [&, i](int) {
        ++*targets[i];
        const unsigned victim = (i + 1) % kThreads;
        if (!gone[victim].exchange(true)) tokens[victim].unsubscribe();
      });
    }
    detail::run_threads(kThreads, [&](unsigned) { bus.publish(topic, 1); });
    for (unsigned i = 0; i < kThreads; ++i) {
      REQUIRE(gone[i] == !tokens[i].subscribed());
      tokens[i].wait();
      targets[i].reset();
    }
  }
}

TEST_CASE("callbacks publish, subscribe and unsubscribe while all threads do", "[pool][bus][stress]") {
  const Topic<int> outer("outer");
  const Topic<int> inner("inner");
  for (unsigned round = 0; round < stress_rounds(100); ++round) {
    TestExecutor pool(2);
    std::atomic<std::uint64_t> inner_runs{0};
    std::atomic<std::uint64_t> late_runs{0};
    BusStats stats;
    {
      EventBus bus({.executor = &pool});
      const Token echo = bus.subscribe(inner, [&](int) { ++inner_runs; });
      const auto callback = [&](int event) {
        const Token late = bus.subscribe(inner, [&late_runs](int) { ++late_runs; });
        bus.publish(inner, event);
      };
      const Token first = bus.subscribe(outer, callback);
      const Token second = bus.subscribe(outer, callback, Dispatch::pooled);
      detail::run_threads(3, [&](unsigned) {
        for (int i = 0; i < 30; ++i) bus.publish(outer, i);
      });
      pool.wait_idle();
      stats = bus.stats();
    }
    REQUIRE(inner_runs == 180);
    REQUIRE(late_runs >= 180);
    REQUIRE(stats.published == 90 + 180);
    REQUIRE(stats.delivered == 180 + inner_runs + late_runs);
  }
}

TEST_CASE("buses are made, used and destroyed with callbacks under way", "[pool][bus][stress]") {
  const Topic<int> topic("a");
  for (unsigned round = 0; round < stress_rounds(1'000); ++round) {
    TestExecutor pool(2);
    std::atomic<std::uint64_t> runs{0};
    {
      auto target = std::make_unique<int>(1);
      std::optional<EventBus> bus(BusOptions{.executor = &pool, .threads_max = 2});
      std::vector<Token> tokens;
      for (const Dispatch kind : {Dispatch::pooled, round % 20 == 0 ? Dispatch::thread : Dispatch::pooled}) {
        tokens.push_back(bus->subscribe(
            topic, [&runs, raw = target.get()](int) { runs += static_cast<unsigned>(*raw); }, kind));
      }
      if (round % 2 == 0) tokens.pop_back();
      for (int i = 0; i < static_cast<int>(round % 5); ++i) bus->publish(topic, i);
      if (round % 3 == 0) bus.reset();  // else the tokens end first
    }
    REQUIRE(runs <= 2 * (round % 5));
  }
}

}  // namespace
}  // namespace crosstalk::pool
