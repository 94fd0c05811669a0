#include "harness/verify/task_state.h"

#include <catch2/catch.hpp>
#include <memory>

#include "harness/verify/case_run.h"
#include "harness/verify/waits_for.h"

namespace crosstalk::harness::verify {

TEST_CASE("a task stands on the page as long as it lives", "[harness][verify]") {
  const auto page = std::make_unique<Page>();
  CaseRun run(*page, {});
  const std::uint32_t slots = run.resource("slots", ResourceKind::units, 2);
  const std::uint32_t result = run.resource("result", ResourceKind::promise);
  {
    TaskState task(*page);
    task.holds(result);
    task.asks("run", slots);
    const WaitGraph graph = wait_graph_of(*page);
    REQUIRE(graph.waiters.size() == 1);
    CHECK(graph.waiters[0].task);
    CHECK(graph.waiters[0].object == slots);
    CHECK(graph.waiters[0].holds == std::vector<std::uint32_t>{result});
    CHECK(graph.resources[0].total == 2);
    task.goes_on();
    task.drops(result);
    CHECK(wait_graph_of(*page).waiters.empty());
    task.holds(slots);
  }
  CHECK(wait_graph_of(*page).waiters.empty());
}

}  // namespace crosstalk::harness::verify
