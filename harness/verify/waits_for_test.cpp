#include "harness/verify/waits_for.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness::verify {

namespace {

Waiter waiter_of(unsigned thread, std::uint32_t object, std::vector<std::uint32_t> holds) {
  return {.thread = thread, .asks = "lock", .object = object, .waits = true, .holds = std::move(holds)};
}
Waiter holder_of(unsigned thread, std::vector<std::uint32_t> holds) {
  Waiter holder = waiter_of(thread, kNoObject, std::move(holds));
  holder.waits = false;
  return holder;
}
using StuckPlaces = std::vector<std::size_t>;

}  // namespace

TEST_CASE("threads that wait for each other are a deadlock", "[harness][verify]") {
  const WaitGraph graph{{waiter_of(0, 2, {1}), waiter_of(1, 1, {2}), waiter_of(2, 1, {})}};
  CHECK(cycle_in(graph) == StuckPlaces{0, 1});
  CHECK(stuck_in(graph) == StuckPlaces{0, 1, 2});
  CHECK(explain_stall(graph, false).starts_with("deadlock: thread 0 holds 1 and waits in lock() of 2"));
  CHECK(explain_stall(graph, true).starts_with("deadlock, spinning: "));
}

TEST_CASE("a sleeper that waits for what nobody holds has lost its wake-up", "[harness][verify]") {
  const WaitGraph graph{{waiter_of(3, 0, {})}};
  CHECK(stuck_in(graph).empty());
  CHECK(explain_stall(graph, false).starts_with("lost wake-up"));
  CHECK(explain_stall(graph, true).starts_with("livelock"));
}

TEST_CASE("a chain of waiters that ends with somebody who waits for nothing is no deadlock",
          "[harness][verify]") {
  const WaitGraph graph{{waiter_of(0, 2, {1}), holder_of(1, {2})}};
  CHECK(stuck_in(graph).empty());
  CHECK(cycle_in(graph).empty());
}

TEST_CASE("a writer waits for all readers, not for the first that is found", "[harness][verify]") {
  // Reader 0 can go on; reader 1 waits for what the writer holds.
  const WaitGraph graph{{holder_of(0, {5}), waiter_of(1, 6, {5}), waiter_of(2, 5, {6})}};
  CHECK(stuck_in(graph) == StuckPlaces{1, 2});
  CHECK(cycle_in(graph) == StuckPlaces{1, 2});
}

TEST_CASE("a thread that waits for what it holds itself is a deadlock of one", "[harness][verify]") {
  CHECK(cycle_in({{waiter_of(0, 7, {7})}}) == StuckPlaces{0});
}

TEST_CASE("one of several units that can come free is enough", "[harness][verify]") {
  const std::vector<WaitResource> connections{{"connections", ResourceKind::units, 2}};
  // Both lent; 0 and 1 each wait for a second one.
  CHECK(stuck_in({{waiter_of(0, 0, {0}), waiter_of(1, 0, {0})}, connections}) == StuckPlaces{0, 1});
  // One of the holders waits for nothing.
  CHECK(stuck_in({{waiter_of(0, 0, {0}), holder_of(1, {0}), waiter_of(2, 0, {})}, connections}).empty());
  // One is free.
  CHECK(stuck_in({{waiter_of(0, 0, {0})}, connections}).empty());
}

TEST_CASE("a task that waits for a task of its own pool, whose thread it occupies, is a deadlock",
          "[harness][verify]") {
  WaitGraph graph;
  graph.resources = {{"slots of the pool", ResourceKind::units, 1}, {"result", ResourceKind::promise, 1}};
  graph.waiters = {{.thread = 0, .asks = "get", .object = 1, .waits = true, .holds = {0}, .task = true},
                   {.thread = 1, .asks = "run", .object = 0, .waits = true, .holds = {1}, .task = true}};
  CHECK(cycle_in(graph) == StuckPlaces{0, 1});
  CHECK(explain_stall(graph, false) ==
        "deadlock: task 0 holds slots of the pool and waits in get() of result; "
        "task 1 owes result and waits in run() of slots of the pool");
  graph.resources[0].total = 2;
  CHECK(stuck_in(graph).empty());
}

TEST_CASE("a promise that nobody owes will not be kept", "[harness][verify]") {
  WaitGraph graph{{waiter_of(0, 0, {})}, {{"result", ResourceKind::promise, 1}}};
  CHECK(stuck_in(graph) == StuckPlaces{0});
  CHECK(explain_stall(graph, false).starts_with("hang: what is waited for will not come: thread 0"));
}

}  // namespace crosstalk::harness::verify
