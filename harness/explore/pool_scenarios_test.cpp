// Runs the scenarios of the pool (pool_*_test.cpp) as a test: each is silent, and each that claims to be small was run to the end.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"
#include "harness/explore/scenario.h"

namespace crosstalk::harness::explore {

namespace {

// So much that the label `explore` of ctest takes less than three minutes of one processor. crosstalk_explore_pool runs more.
Options brief_options(Reach reach) {
  Options options;
  options.depth_first_runs = reach == Reach::all ? 100'000 : 2'000;
  options.priority_runs = reach == Reach::all ? 500 : 2'000;
  options.random_runs = 200;
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
    const Result result = explore(brief_options(each.reach), each.run);
    INFO(each.name << ": " << describe(result));
    CHECK(result.passed());
    REQUIRE(result.phases.size() >= 3);
    if (each.reach == Reach::all) CHECK(result.phases[2].exhausted);
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

TEST_CASE("every scenario has a name of its own, and a kind that a test runs", "[explore][pool]") {
  const std::set<std::string, std::less<>> kinds{"lock", "cell",        "map",       "set",  "cache", "sync",    "counter",
                                                 "bus",  "connections", "resources", "chat", "pool",  "executor"};
  std::set<std::string> names;
  for (const Scenario& each : scenarios()) {
    INFO(each.name);
    CHECK(names.insert(each.name).second);
    CHECK(std::count(each.name.begin(), each.name.end(), '/') == 2);
    CHECK(kinds.count(component_of(each).substr(0, each.name.find('/'))) == 1);
  }
}

}  // namespace crosstalk::harness::explore
