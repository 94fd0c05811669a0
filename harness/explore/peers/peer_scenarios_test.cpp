// What exploring other people's code finds, as a test. That most of it is silent is a property of the explorer too: it does not accuse
// what is right.
#include <array>
#include <chrono>
#include <string_view>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"
#include "harness/explore/scenario.h"

namespace crosstalk::harness::explore {

namespace {

struct KnownFinding {
  std::string_view name;
  Finding finding;
  std::string_view reason;  // a part of it
};

// ck_fifo_mpmc, of 0.7.1: a dequeuer that has read the head before the node there was taken and used again meets it as the tail, with
// nothing behind it. boost::lockfree, of 1.74: what is popped is given back to a list of free nodes and written there while another
// thread reads it, and throws away what it has read.
constexpr std::array kKnownFindings{
    KnownFinding{"queue/ck_fifo_mpmc/two_turn_it", Finding::assertion,
                 "linearizability: no order explains the answer none of dequeue"},
    KnownFinding{"queue/boost_lockfree_queue/two_turn_it", Finding::race, "loads atomically at queue.hpp:"},
    KnownFinding{"queue/boost_lockfree_stack/two_turn_it", Finding::race, "reads at stack.hpp:"},
};

Options few_runs() {
  Options options;
  options.depth_first_runs = 5'000;
  options.budget =
      std::chrono::hours(1);  // the numbers of runs are what ends it, however busy the machine is
  return options;
}

const KnownFinding* known_finding(std::string_view name) {
  for (const KnownFinding& each : kKnownFindings) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("explored locks and queues of peers keep their contract, but for those that are known",
          "[explore][peers]") {
  CHECK_FALSE(scenarios().empty());
  for (const Scenario& each : scenarios()) {
    if (known_finding(each.name) != nullptr) continue;
    const Result result = explore(few_runs(), each.run);
    INFO(each.name << ": " << describe(result));
    CHECK(result.passed());
  }
}

TEST_CASE("what is known of peers is found", "[explore][peers]") {
  for (const Scenario& each : scenarios()) {
    const KnownFinding* const known = known_finding(each.name);
    if (known == nullptr) continue;
    const Result result = explore(few_runs(), each.run);
    INFO(each.name << ": " << describe(result));
    CHECK(result.finding == known->finding);
    CHECK(result.confirmed);
    CHECK(result.reason.find(known->reason) != std::string::npos);
  }
}

}  // namespace crosstalk::harness::explore
