#include "harness/verify/explored_case.h"

#include <catch2/catch.hpp>

#include "harness/command_line_test_support.h"

namespace crosstalk::harness::verify {

namespace {

constexpr const char* kPassed =
    "PASS lock/mine/two_enter: 4579 executions in 0.03 s: preemptions<=0: 3 (all); preemptions<=1: 46 (all); preemptions<=2: "
    "530 (all); priorities d=2: 2000; priorities d=3: 2000. Memory: sequentially consistent values, races by happens-before; "
    "spurious wake-ups: no; seen is instrumented code only.\n";
constexpr const char* kFailed =
    "FAIL lock/mine/two_enter: lost wake-up: nobody wakes who sleeps: T2 sleeps on a futex at a.h:18\n"
    "  after 7 executions (preemptions<=0: 3 (all); preemptions<=1: 4)\n"
    "  replay: lock/mine/two_enter --replay 't1.6.2'\n\n"
    "T0        T1\ncreate  a.cpp:44\n";

// A program that answers --list and every other call with these texts.
std::filesystem::path explorer_that_says(const TestFolder& folder, const std::string& list,
                                         const std::string& answer, int code) {
  const std::string script = "#!/bin/sh\nif [ \"$1\" = --list ]; then cat <<'END'\n" + list +
                             "END\nelse cat <<'END'\n" + answer + "END\nexit " + std::to_string(code) +
                             "\nfi\n";
  const std::filesystem::path program = folder.put("explorer", script);
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  return program;
}

ComponentOutcome explored(const ExploreOptions& options) {
  const std::atomic<bool> stop{false};
  ComponentOutcome outcome;
  add_explored_case(outcome, options, stop);
  return outcome;
}

}  // namespace

TEST_CASE("what the explorer prints is read", "[harness][verify]") {
  ExploredScenario said;
  REQUIRE(read_explored(kPassed, said));
  CHECK(said.passed);
  CHECK(said.executions == 4579);
  CHECK(said.to_the_end);
  CHECK(said.memory == "sequentially consistent values, races by happens-before");
  REQUIRE(read_explored(kFailed, said));
  CHECK_FALSE(said.passed);
  CHECK(said.executions == 7);
  CHECK(said.finding == "lost wake-up");
  CHECK(said.reason == "nobody wakes who sleeps: T2 sleeps on a futex at a.h:18");
  CHECK(said.replay == "t1.6.2");
  CHECK(said.table == "T0        T1\ncreate  a.cpp:44\n");
}

TEST_CASE("a bound that was not run to its end is not counted as one", "[harness][verify]") {
  ExploredScenario said;
  REQUIRE(read_explored(
      "PASS a/b/c: 9 executions in 1.00 s: preemptions<=1: 4 (all); preemptions<=2: 5. Memory: m; spurious",
      said));
  CHECK_FALSE(said.to_the_end);
  CHECK_FALSE(read_explored("", said));
  CHECK_FALSE(read_explored("crosstalk_explore_pool: no such scenario\n", said));
}

TEST_CASE("explored scenarios that pass are a case with what was covered", "[harness][verify]") {
  const TestFolder folder;
  const auto program =
      explorer_that_says(folder, "lock/mine/two_enter\nlock/mine/three_enter\nlock/mine_too/a\n", kPassed, 0);
  const ComponentOutcome outcome = explored({.component = "lock/mine", .programs = {program}});
  CHECK(outcome.verdict == Verdict::pass);
  REQUIRE(outcome.cases.size() == 1);
  const CaseEnd& end = outcome.cases[0].outcome;
  REQUIRE(end.cells.size() == 2);
  CHECK(end.cells[1].name == "three_enter");
  CHECK(end.rounds == 2 * 4579);
  CHECK(end.detail.starts_with("2 scenarios, 9158 executions; all schedules of two preemptions of 2 of"));
}

TEST_CASE("an explored scenario that fails comes with property, table and replay", "[harness][verify]") {
  const TestFolder folder;
  const auto program = explorer_that_says(folder, "lock/mine/two_enter\n", kFailed, 1);
  const ComponentOutcome outcome = explored({.component = "lock/mine", .programs = {program}});
  CHECK(outcome.verdict == Verdict::fail);
  REQUIRE(outcome.failed() != nullptr);
  const CaseEnd& end = outcome.failed()->outcome;
  CHECK(end.property == "lost wake-up");
  CHECK(end.replay == "explorer lock/mine/two_enter --replay 't1.6.2'");
  CHECK_FALSE(end.trace.empty());
}

TEST_CASE("an explorer that is not there, or breaks off, is no silent pass", "[harness][verify]") {
  const TestFolder folder;
  CHECK(explored({.component = "lock/mine"}).cases[0].outcome.detail ==
        "not run: there is no crosstalk_explore_pool beside this program");
  const auto program = explorer_that_says(folder, "lock/mine/two_enter\n", "nonsense\n", 2);
  CHECK(explored({.component = "lock/other", .programs = {program}}).cases[0].outcome.detail ==
        "not run: no scenario of this component");
  const ComponentOutcome broken = explored({.component = "lock/mine", .programs = {program}});
  CHECK(broken.verdict == Verdict::inconclusive);
  CHECK(broken.cases[0].outcome.detail == "lock/mine/two_enter: explorer: exit code 2");
}

}  // namespace crosstalk::harness::verify
