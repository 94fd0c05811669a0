#include <catch2/catch.hpp>

#include <atomic>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "pool/conformance.h"
#include "pool/events/event_bus.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

using Bus = EventBus<int>;

TEST_CASE("subscribers get events of their topic in order of subscription", "[pool][bus]") {
  Bus bus;
  std::vector<int> got;
  const auto first = bus.subscribe("a", [&](const int& event) { got.push_back(event); });
  const auto second = bus.subscribe("a", [&](const int& event) { got.push_back(event * 10); });
  CHECK(bus.publish("a", 1) == 2);
  CHECK(bus.publish("nobody", 2) == 0);
  CHECK(got == std::vector<int>{1, 10});
}

TEST_CASE("after its token is gone a callback never runs", "[pool][bus]") {
  Bus bus;
  int runs = 0;
  {
    const auto token = bus.subscribe("a", [&](const int&) { ++runs; });
    bus.publish("a", 1);
  }
  CHECK(bus.publish("a", 1) == 0);
  CHECK(runs == 1);
}

TEST_CASE("a throwing subscriber harms nobody and is counted", "[pool][bus]") {
  Bus bus;
  int runs = 0;
  const auto first = bus.subscribe("a", [](const int&) { throw 42; });
  const auto second = bus.subscribe("a", [&](const int&) { ++runs; });
  const auto third = bus.subscribe("a", [](const int&) { throw std::runtime_error("x"); });
  CHECK(bus.publish("a", 1) == 3);
  CHECK(runs == 1);
  CHECK(bus.errors() == 2);
}

TEST_CASE("callbacks may subscribe, unsubscribe themselves and each other, and publish", "[pool][bus]") {
  Bus bus;
  std::optional<Bus::Token> self;
  std::optional<Bus::Token> other;
  std::optional<Bus::Token> late;
  int late_runs = 0;
  int other_runs = 0;
  self = bus.subscribe("a", [&](const int& event) {
    late = bus.subscribe("b", [&](const int&) { ++late_runs; });
    other->unsubscribe();
    self->unsubscribe();
    bus.publish("b", event);
  });
  other = bus.subscribe("a", [&](const int&) { ++other_runs; });
  CHECK(bus.publish("a", 1) == 1);
  CHECK(bus.publish("a", 1) == 0);
  CHECK(late_runs == 1);
  CHECK(other_runs == 0);
}

TEST_CASE("unsubscribing waits for an invocation on another thread", "[pool][bus][stress]") {
  for (unsigned round = 0; round < stress_rounds(2'000); ++round) {
    Bus bus;
    auto target = std::make_unique<std::atomic<int>>(0);  // freed right after unsubscribing
    auto token = bus.subscribe("a", [&target](const int&) { target->fetch_add(1); });
    detail::run_threads(3, [&](unsigned id) {
      if (id != 0) {
        for (int i = 0; i < 20; ++i) bus.publish("a", i);
        return;
      }
      token.unsubscribe();
      target.reset();
    });
  }
}

}  // namespace
}  // namespace crosstalk::pool
