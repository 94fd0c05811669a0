// Runs the scenarios of the pool (pool_*_test.cpp) as a test: each is silent, and each that claims to be small was run to the end.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"
#include "harness/explore/runtime.h"
#include "harness/explore/scenario.h"

namespace crosstalk::harness::explore {

namespace {

constexpr std::uint64_t kSampledRuns = 2'000;

// Runs after which changing priorities have met a bug of that depth with a probability of 99 %, if there is one: each does with
// 1 / (threads x steps ^ (depth - 1)) at least (Burckhardt and others, "A randomized scheduler with probabilistic guarantees of
// finding bugs", 2010).
std::uint64_t runs_for_99_percent(const Scenario& scenario, int depth) {
  Options once;
  once.preemptions = 0;
  once.depth_first_runs = 1;
  once.priority_runs = once.random_runs = 0;
  static_cast<void>(explore(once, scenario.run));
  const double chance = 1 / (runtime->thread_count * std::pow(runtime->steps, depth - 1));
  return static_cast<std::uint64_t>(std::log(0.01) / std::log1p(-chance)) + 1;
}

// So much that the label `explore` of ctest takes less than three minutes of one processor. crosstalk_explore_pool runs more.
Options brief_options(const Scenario& scenario) {
  Options options;
  const bool all = scenario.schedules == Schedules::all;
  options.depth_first_runs = all ? 100'000 : kSampledRuns;
  options.priority_runs = all ? 500 : runs_for_99_percent(scenario, 2);
  options.random_runs = 200;
  options.budget =
      std::chrono::hours(1);  // the numbers of runs are what ends it, however busy the machine is
  return options;
}

std::string component_of(const Scenario& scenario) {
  return scenario.name.substr(0, scenario.name.rfind('/'));
}

void check_kind(std::string_view kind) {
  int found = 0;
  for (const Scenario& each : scenarios()) {
    if (each.name.substr(0, each.name.find('/')) != kind) continue;
    ++found;
    const Result result = explore(brief_options(each), each.run);
    INFO(each.name << ": " << describe(result));
    CHECK(result.passed());
    REQUIRE(result.phases.size() == 6);
    CHECK((each.schedules == Schedules::sample || result.phases[2].exhausted));
  }
  CHECK(found > 0);
}

}  // namespace

TEST_CASE("explored locks keep their contract", "[explore][pool]") {
  check_kind("lock");
}

TEST_CASE("explored cells keep their contract", "[explore][pool]") {
  check_kind("cell");
}

TEST_CASE("explored maps and sets keep their contract", "[explore][pool]") {
  check_kind("map");
  check_kind("set");
}

TEST_CASE("the explored cache keeps its contract", "[explore][pool]") {
  check_kind("cache");
}

TEST_CASE("what the pool sleeps on, explored, loses no wake-up", "[explore][pool]") {
  check_kind("sync");
  check_kind("counter");
}

TEST_CASE("the explored event bus keeps its contract", "[explore][pool]") {
  check_kind("bus");
}

TEST_CASE("explored pools of connections and buffers lose nothing", "[explore][pool]") {
  check_kind("connections");
  check_kind("resources");
  check_kind("chat");
}

TEST_CASE("the explored thread pool and the strand lose no task", "[explore][pool]") {
  check_kind("pool");
  check_kind("executor");
}

// Not run by default: many minutes.
TEST_CASE("scenarios with too many schedules are silent where bugs of depth 3 are met with 99 %",
          "[.][long]") {
  for (const Scenario& each : scenarios()) {
    if (each.schedules == Schedules::all) continue;
    Options many;
    many.preemptions = 0;
    many.random_runs = 0;
    many.budget = std::chrono::hours(1);
    many.priority_runs = runs_for_99_percent(each, 3);
    const Result result = explore(many, each.run);
    INFO(each.name << ": " << describe(result));
    CHECK(result.passed());
    CHECK(result.phases.size() == 3);
    WARN(each.name << ": " << result.executions() << " executions in " << result.seconds << " s");
  }
}

TEST_CASE("every scenario has a name of its own, and a kind that a test runs", "[explore][pool]") {
  const std::set<std::string, std::less<>> kinds{"lock", "cell",    "map",     "set",         "cache",
                                                 "sync", "counter", "bus",     "connections", "resources",
                                                 "chat", "pool",    "executor"};
  std::set<std::string> names;
  for (const Scenario& each : scenarios()) {
    INFO(each.name);
    CHECK(names.insert(each.name).second);
    CHECK(std::count(each.name.begin(), each.name.end(), '/') == 2);
    CHECK(kinds.count(component_of(each).substr(0, each.name.find('/'))) == 1);
  }
}

}  // namespace crosstalk::harness::explore
