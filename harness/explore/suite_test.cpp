// The explorer's own regression suite (suite_*_test.cpp), judged: what must be found is, with the same replay whatever switches the
// threads, and the repaired twins are silent. explore.suite.* compare the same for other compilers and ways of linking.
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"
#include "harness/explore/scenario.h"

namespace crosstalk::harness::explore {

namespace {

struct SuiteVerdict {
  const char* name;
  Finding finding;
  const char* replay;
};

const SuiteVerdict kVerdicts[] = {
    {"reader_writer/faulty", Finding::assertion, "t1.4.2"},
    {"reader_writer/repaired", Finding::none, ""},
    {"stop_flag/faulty", Finding::lost_wake_up, "t0.5.1,t1.8.0"},
    {"stop_flag/repaired", Finding::none, ""},
    {"counter/faulty", Finding::assertion, "t1.4.2"},
    {"counter/repaired", Finding::none, ""},
    {"futex_mutex/faulty", Finding::lost_wake_up, "t1.2.2"},
    {"futex_mutex/repaired", Finding::none, ""},
    {"small_pool/faulty", Finding::assertion, "t2.3.4,t4.6.3,t3.5.1"},
    {"small_pool/repaired", Finding::none, ""},
    {"mp/weak", Finding::assertion, "r2.4.1"},
    {"mp/strong", Finding::none, ""},
    {"sb/weak", Finding::assertion, "r2.3.1"},
    {"sb/strong", Finding::none, ""},
    {"lb/weak", Finding::none, ""},  // the explorer's limit
    {"lb/strong", Finding::none, ""},
    {"iriw/weak", Finding::assertion, "t1.3.3,t3.5.2,r4.4.1"},
    {"iriw/strong", Finding::none, ""},
    {"2+2w/weak", Finding::none, ""},  // the explorer's limit
    {"2+2w/strong", Finding::none, ""},
    {"s/weak", Finding::none, ""},  // the explorer's limit
    {"s/strong", Finding::none, ""},
    {"r/weak", Finding::assertion, "r2.3.1"},
    {"r/strong", Finding::none, ""},
    {"corr/weak", Finding::none, ""},  // C++ forbids it of any orders
    {"corr/strong", Finding::none, ""},
    {"static_local/faulty", Finding::race, ""},
    {"static_local/repaired", Finding::none, ""},
    {"thread_local/faulty", Finding::race, ""},
    {"thread_local/repaired", Finding::none, ""},
    {"throw_while_locked/faulty", Finding::deadlock, ""},
    {"throw_while_locked/repaired", Finding::none, ""},
    {"exception_pointer/faulty", Finding::race, "t0.3.1"},
    {"exception_pointer/repaired", Finding::none, ""},
    {"sixteen_bytes/faulty", Finding::assertion, "t1.2.2"},
    {"sixteen_bytes/repaired", Finding::none, ""},
    {"shared_library/faulty", Finding::assertion, "t1.2.2"},
    {"shared_library/repaired", Finding::none, ""},
};

const Scenario& scenario_named(const std::string& name) {
  for (const Scenario& each : scenarios()) {
    if (each.name == name) return each;
  }
  throw std::runtime_error("no scenario " + name);
}

}  // namespace

TEST_CASE("every scenario of the suite has a verdict", "[explore]") {
  CHECK(scenarios().size() == std::size(kVerdicts));
}

TEST_CASE("the suite's twins are silent under every schedule of two preemptions", "[explore]") {
  for (const SuiteVerdict& each : kVerdicts) {
    if (each.finding != Finding::none) continue;
    const Scenario& scenario = scenario_named(each.name);
    Options options = with_needs({}, scenario.needs);
    options.priority_runs = options.random_runs = 500;
    if (scenario.schedules == Schedules::sample) options.depth_first_runs = 2000;
    const Result silent = explore(options, scenario.run);
    INFO(each.name << ": " << describe(silent));
    CHECK(silent.passed());
    CHECK((silent.phases[2].exhausted || scenario.schedules == Schedules::sample));
  }
}

TEST_CASE("the suite's faults are found, with one replay whatever switches the threads", "[explore]") {
  for (const SuiteVerdict& each : kVerdicts) {
    if (each.finding == Finding::none) continue;
    const Scenario& scenario = scenario_named(each.name);
    for (const Switching switching : {Switching::fibers, Switching::threads}) {
      const Options options = with_needs(with(switching), scenario.needs);
      const Result found = explore(options, scenario.run);
      INFO(each.name << ": " << describe(found));
      CHECK(found.finding == each.finding);
      CHECK(found.replay == each.replay);
      CHECK(found.confirmed);
      CHECK(replay(found.replay, options, scenario.run).reason == found.reason);
    }
  }
}

// Not run by default: minutes.
TEST_CASE("twins are silent in 200,000 schedules of either depth", "[.][long]") {
  for (const SuiteVerdict& each : kVerdicts) {
    const Scenario& scenario = scenario_named(each.name);
    if (each.finding != Finding::none || scenario.needs.process_each) continue;
    Options many = with_needs({}, scenario.needs);
    many.preemptions = 0;
    many.priority_runs = 200'000;
    many.random_runs = 0;
    many.budget = std::chrono::hours(1);
    const Result silent = explore(many, scenario.run);
    INFO(each.name << ": " << describe(silent));
    CHECK(silent.passed());
    CHECK(silent.executions() > 400'000);
    WARN(each.name << ": " << static_cast<double>(silent.executions()) / silent.seconds << " executions/s");
  }
}

}  // namespace crosstalk::harness::explore
