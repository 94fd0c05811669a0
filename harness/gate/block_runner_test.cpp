#include "harness/gate/block_runner.h"

#include <catch2/catch.hpp>

#include "harness/gate/gate_stop.h"
#include "harness/gate/gate_test_help.h"
#include "harness/placement.h"

namespace crosstalk::harness::gate {
namespace {

const Contest kContest{.name = "team a/a", .scenario = "team", .strategy = "a/a"};

struct Runner {
  FakePrograms programs;
  std::filesystem::path out = programs.folder.path / "out";
  BlockRunner blocks{out, 5'000'000'000};
  Runner() { std::filesystem::create_directories(out); }
  static Arm arm(const std::string& program) { return {"head", "--head", {program}}; }
};

// The exit code and what was said.
std::pair<int, std::string> stop_of(Runner& runner, const std::string& program) {
  const PlannedContest planned{.contest = kContest, .plan = "plan.csv", .rows = {0, 1}};
  try {
    static_cast<void>(runner.blocks.run(Runner::arm(program), planned, {}));
  } catch (const GateStop& stop) {
    return {stop.code(), stop.what()};
  }
  return {0, ""};
}

TEST_CASE("a block is the newest row of its folder", "[harness][gate]") {
  Runner runner;
  const Arm arm = Runner::arm(runner.programs.measuring("good", gate_result(1'000)));
  const PlannedContest planned = runner.blocks.planned(arm, kContest, "p.csv", {"--ops", "5"});
  CHECK(planned.rows == std::vector<std::uint64_t>{0, 1, 2, 3});
  for (int i = 0; i < 2; ++i) {
    const Block block = runner.blocks.run(arm, planned, {.environment_pad = 9, .plan_row = 2});
    CHECK(block.row.achieved_ops_s == 1'000);
    CHECK(block.surroundings.environment_pad == 9);
    CHECK(block.seconds > 0);
  }
  CHECK(runner.blocks.folder_of("head", kContest) == runner.out / "head" / "team-a-a");
  CHECK(runner.blocks.version_of(arm, 0) == "crosstalk 9");
}

TEST_CASE("what is drawn reaches the process", "[harness][gate]") {
  Runner runner;
  const std::string seen = (runner.programs.folder.path / "seen").string();
  const std::string program =
      runner.programs.script("looks", "echo \"$5 ${#GATE_PADDING} $(nproc)\" > '" + seen + "'\n");
  const PlannedContest planned{.contest = kContest, .plan = "plan.csv", .rows = {40, 41, 42}};
  CHECK_THROWS_AS(
      runner.blocks.run(Runner::arm(program), planned,
                        {.environment_pad = 77, .plan_row = 2, .cpus = {usable_processors().front().cpu}}),
      GateStop);  // it measured nothing
  CHECK(content_of(seen) == "42 77 1\n");
}

TEST_CASE("a block of few checks judges no contracts and compares a beginning", "[harness][gate]") {
  Runner runner;
  const std::string seen = (runner.programs.folder.path / "seen").string();
  const std::string program = runner.programs.measuring(
      "notes", gate_result(1'000),
      "echo \"${CROSSTALK_NO_CHECK:-judged} ${CROSSTALK_REFERENCE_OPS:-all}\" >> '" + seen + "'\n");
  const PlannedContest planned{.contest = kContest, .plan = "plan.csv", .rows = {0}};
  for (const BlockChecks checks : {BlockChecks::all, BlockChecks::few})
    static_cast<void>(runner.blocks.run(Runner::arm(program), planned, {}, checks));
  CHECK(content_of(seen) == "judged all\n1 4096\n");
}

TEST_CASE("each way in which a program can fail has its exit code", "[harness][gate]") {
  Runner runner;
  FakePrograms& programs = runner.programs;
  CHECK(stop_of(runner, programs.script("crash", "kill -SEGV $$\n")) ==
        std::pair(8, std::string("--head: team a/a: killed by signal 11")));
  CHECK(stop_of(runner, programs.script("failed", "echo 'trial failed' >&2; exit 8\n")) ==
        std::pair(8, std::string("--head: team a/a: exit code 8: trial failed")));
  CHECK(stop_of(runner, programs.script("idle", "exit 0\n")).first == 8);
  CHECK(stop_of(runner, programs.file("data", "no program")).first == 8);
  CHECK(stop_of(runner, programs.script("told", "echo 'a law' >&2; exit 3\n")) ==
        std::pair(3, std::string("--head: team a/a: a law was broken: exit code 3: a law")));
  CHECK(stop_of(runner, programs.script("refuses", "exit 2\n")).first == 6);
  CHECK(stop_of(runner, programs.script("full", "exit 7\n")).first == 7);
  CHECK(stop_of(runner, programs.script("debug", "exit 4\n")).first == 4);
  CHECK(stop_of(runner, programs.script("strange", "mkdir -p \"$7\"; echo x,y > \"$7/runs.csv\"\n")).first ==
        6);
}

TEST_CASE("a broken law that only the row tells is told", "[harness][gate]") {
  Runner runner;
  reports::RunResult broken = gate_result(1'000);
  broken.verified = false;
  CHECK(stop_of(runner, runner.programs.measuring("wrong", broken)).first == 3);
}

TEST_CASE("a program that hangs is killed", "[harness][gate]") {
  Runner runner;
  runner.blocks = BlockRunner(runner.out, 100'000'000);
  const auto [code, why] = stop_of(runner, runner.programs.script("hung", "exec sleep 1000\n"));
  CHECK(code == 8);
  CHECK(why == "--head: team a/a: hung, and was killed");
}

TEST_CASE("a program that is none of ours is told", "[harness][gate]") {
  Runner runner;
  const Arm arm = Runner::arm(runner.programs.file("other", "#!/bin/sh\necho other 1\n"));
  CHECK_THROWS_WITH(runner.blocks.version_of(arm, 0),
                    "--head: this is not crosstalk (--version: said something else)");
}

TEST_CASE("a plan that the base will not make is usage, one that is not understood cannot be compared",
          "[harness][gate]") {
  Runner runner;
  const auto code_of = [&](const std::string& name, const std::string& body) {
    try {
      static_cast<void>(
          runner.blocks.planned(Runner::arm(runner.programs.script(name, body)), kContest, "p.csv", {}));
    } catch (const GateStop& stop) {
      return stop.code();
    }
    return 0;
  };
  CHECK(code_of("plans", "echo '--scenario: unknown' >&2; exit 2\n") == 2);
  CHECK(code_of("new", "echo what,ever > \"$4\"\n") == 6);
  CHECK(code_of("crash", "kill -9 $$\n") == 8);
}

}  // namespace
}  // namespace crosstalk::harness::gate
