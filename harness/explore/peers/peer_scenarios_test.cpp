// What exploring other people's code finds, as a test. That locks are silent is a property of the explorer too: it does not accuse
// what is right.
#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"
#include "harness/explore/scenario.h"

namespace crosstalk::harness::explore {

TEST_CASE("explored locks of peers keep their contract", "[explore][peers]") {
  int explored = 0;
  for (const Scenario& each : scenarios()) {
    if (each.name.rfind("lock/", 0) != 0) continue;
    ++explored;
    Options options;
    options.depth_first_runs = 5'000;
    const Result result = explore(options, each.run);
    INFO(each.name << ": " << describe(result));
    CHECK(result.passed());
  }
  CHECK(explored > 0);
}

// True of version 0.7.1: a dequeuer that has read the head before the node there was taken and used again meets it as the tail, with
// nothing behind it.
TEST_CASE("the queue of Concurrency Kit is found to call itself empty while it is not", "[explore][peers]") {
  for (const Scenario& each : scenarios()) {
    if (each.name.rfind("queue/ck_fifo_mpmc/", 0) != 0) continue;
    const Result result = explore({}, each.run);
    INFO(each.name << ": " << describe(result));
    CHECK(result.finding == Finding::assertion);
    CHECK(result.confirmed);
    CHECK(result.reason.find("linearizability: no order explains the answer none of dequeue") !=
          std::string::npos);
  }
}

}  // namespace crosstalk::harness::explore
