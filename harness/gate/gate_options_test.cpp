#include "harness/gate/gate_options.h"

#include <catch2/catch.hpp>

#include "harness/command_line_test_support.h"
#include "harness/settings.h"

namespace crosstalk::harness::gate {
namespace {

std::vector<std::string> with_programs(const TestFolder& folder, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"--base", folder.put("a", ""), "--head", folder.put("b", "")};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST_CASE("a gate needs two programs, the rest has defaults", "[harness][gate]") {
  const TestFolder folder;
  const GateOptions options = parse_gate(with_programs(folder), {});
  REQUIRE(options.base.size() == 1);
  CHECK(options.base[0].filename() == "a");
  CHECK(options.head[0].filename() == "b");
  CHECK(options.contests.size() == gating_contests().size());
  CHECK(options.metrics.size() == reports::default_gate_metrics().size());
  CHECK(options.pairs == 40);
  CHECK(options.budget_ns == 180'000'000'000);
  CHECK(options.block_ns == 150'000'000);
  CHECK(options.warmup_ns == 100'000'000);
  CHECK(options.undecided == reports::UndecidedPolicy::fail);
  CHECK(options.seed_was_chosen);
  CHECK_FALSE(options.judges_folders());
  CHECK_FALSE(options.instructions);
  CHECK(options.count);
  CHECK_FALSE(parse_gate(with_programs(folder, {"--no-count"}), {}).count);
}

TEST_CASE("what a gate is told outweighs its defaults", "[harness][gate]") {
  const TestFolder folder;
  const std::string limits = folder.put("l.ini", "[throughput]\nmargin = 2%\n");
  const std::string waivers =
      folder.put("w.ini", "[team throughput]\nallowed = 8%\nreason = r\nexpires = 2999-01-01\n");
  const GateOptions options = parse_gate(
      with_programs(folder,
                    {"--limits",    limits,  "--waivers",       waivers, "--metrics", "cpu_per_op,throughput",
                     "--pairs",     "80",    "--budget",        "5m",    "--block",   "200ms",
                     "--undecided", "pass",  "--foreign-limit", "20",    "--seed",    "7",
                     "--out",       "there", "--format",        "junit"}),
      {});
  REQUIRE(options.metrics.size() == 2);
  CHECK(options.metrics[0].name == "throughput");
  CHECK(options.metrics[0].margin == Approx(0.02));
  CHECK(options.waivers.find("team", "throughput") != nullptr);
  CHECK(options.pairs == 80);
  CHECK(options.budget_ns == 300'000'000'000);
  CHECK(options.block_ns == 200'000'000);
  CHECK(options.undecided == reports::UndecidedPolicy::pass);
  CHECK(options.foreign_limit == "20");
  CHECK(options.seed == 7);
  CHECK_FALSE(options.seed_was_chosen);
  CHECK(options.out == "there");
  CHECK(options.format == GateFormat::junit);
}

TEST_CASE("scenarios are those of the gate, or of run under strategies", "[harness][gate]") {
  const TestFolder folder;
  const GateOptions options =
      parse_gate(with_programs(folder, {"--scenarios", "solo_team,team,/x/own.ini", "--strategy", "a/b,c/d",
                                        "--threads", "2", "--clients", "5k"}),
                 {});
  REQUIRE(options.contests.size() == 5);
  CHECK(options.contests[0].name == "solo_team");
  CHECK(options.contests[0].threads == 1);
  CHECK(options.contests[0].clients == 5000U);
  CHECK(options.contests[1].name == "team a/b");
  CHECK(options.contests[1].threads == 2);
  CHECK(options.contests[4].name == "own c/d");
  CHECK(options.contests[4].scenario == "/x/own.ini");
  CHECK(parse_gate(with_programs(folder, {"--scenarios", "team"}), {}).contests[0].name == "team");
}

TEST_CASE("scenarios that would have one name are refused", "[harness][gate]") {
  const TestFolder folder;
  for (const char* both :
       {"a/team.ini,b/team.ini", "team,team", "solo_team,mine/solo_team.ini", "a b.ini,a-b.ini"}) {
    CHECK_THROWS_WITH(parse_gate(with_programs(folder, {"--scenarios", both}), {}),
                      Catch::StartsWith("--scenarios: ") && Catch::Contains(" would both be called "));
  }
  CHECK_THROWS_WITH(
      parse_gate(with_programs(folder, {"--scenarios", "a/team.ini,b/team.ini"}), {}),
      "--scenarios: 'a/team.ini' and 'b/team.ini' would both be called 'team'; name them apart");
}

TEST_CASE("a slow-down on purpose is refused where nothing can be slowed down so", "[harness][gate]") {
  const TestFolder folder;
  CHECK_FALSE(parse_gate(with_programs(folder), {}).injection.any());
  CHECK(parse_gate(with_programs(folder, {"--inject", "total=5%"}), {}).injection.total_pct == 5);
  CHECK(parse_gate(with_programs(folder, {"--inject", "pool=5%"}), {}).injection.repeat ==
        Repeat{RepeatOf::pool, 5});
  for (const char* wrong : {"5%", "lock", "total=0%", "lock=200%", "disk=5%"}) {
    CHECK_THROWS_WITH(parse_gate(with_programs(folder, {"--inject", wrong}), {}),
                      Catch::StartsWith("--inject: must be "));
  }
  CHECK_THROWS_WITH(
      parse_gate(with_programs(folder, {"--inject", "pool=5%", "--scenarios", "solo_team,solo_map"}), {}),
      "--inject: nothing that is measured can be slowed down by 'pool=5%' (solo_team: it has no pool; solo_map: it "
      "has no pool)");
}

class CountingPath {
 public:
  explicit CountingPath(const TestFolder& folder) {
    const std::string valgrind = folder.put("valgrind", "");
    std::filesystem::permissions(valgrind, std::filesystem::perms::owner_all);
    environment = {{"PATH", folder.path.string()}};
  }
  Environment environment;
};

TEST_CASE("instructions alone are judged of scenarios with one driver", "[harness][gate]") {
  const TestFolder folder;
  const CountingPath with_valgrind(folder);
  const std::string limits = folder.put("l.ini", "[instructions]\nmargin = 2%\n");
  const auto parsed_with = [&](const std::vector<std::string>& more) {
    return parse_gate(with_programs(folder, more), with_valgrind.environment);
  };
  const GateOptions alone = parsed_with({"--metrics", "instructions", "--limits", limits});
  CHECK(alone.metrics.empty());
  CHECK(alone.instructions);
  REQUIRE(alone.exact);
  CHECK(alone.exact->margin == Approx(0.02));
  CHECK(alone.contests.size() == 3);
  CHECK(parsed_with({"--metrics", "instructions", "--scenarios", "solo_team,crowd_team"}).contests.size() ==
        2);
  const GateOptions both = parsed_with({"--metrics", "throughput,instructions"});
  CHECK(both.metrics.size() == 1);
  CHECK(both.exact);
  CHECK(both.contests.size() == gating_contests().size());
  const GateOptions beside = parsed_with({"--instructions", "--limits", limits});
  CHECK(beside.metrics.size() == reports::default_gate_metrics().size());
  CHECK_FALSE(beside.exact);
  CHECK(beside.instruction_margin == Approx(0.02));
  CHECK_THROWS_WITH(parsed_with({"--metrics", "instructions", "--scenarios", "crowd_team"}),
                    Catch::StartsWith("--metrics: instructions are counted of scenarios with one driver"));
  CHECK_THROWS_WITH(parsed_with({"--metrics", "instructions", "--inject", "total=5%"}),
                    Catch::StartsWith("--inject: total= works by the clock"));
  CHECK_THROWS_WITH(parse_gate(with_programs(folder, {"--metrics", "instructions"}), {{"PATH", "/nowhere"}}),
                    Catch::StartsWith("--metrics: instructions needs valgrind"));
}

TEST_CASE("a history is of sound gates of programs only", "[harness][gate][history]") {
  const TestFolder folder;
  CHECK(parse_gate(with_programs(folder, {}), {}).history.empty());
  CHECK(parse_gate(with_programs(folder, {"--history", "h.csv"}), {}).history == "h.csv");
  CHECK_THROWS_WITH(parse_gate(with_programs(folder, {"--history", ""}), {}),
                    Catch::StartsWith("--history: "));
  CHECK_THROWS_WITH(parse_gate(with_programs(folder, {"--history", "h.csv", "--inject", "total=5%"}), {}),
                    Catch::StartsWith("--history: cannot be combined with --inject"));
  const std::string there = folder.path.string();
  CHECK_THROWS_WITH(parse_gate({"--baseline", there, "--candidate", there, "--history", "h.csv"}, {}),
                    "--history: means nothing beside --baseline and --candidate");
}

TEST_CASE("several links of a program may be given", "[harness][gate]") {
  const TestFolder folder;
  const std::string links = folder.put("l0", "") + "," + folder.put("l1", "");
  const GateOptions options = parse_gate({"--base", links, "--head", folder.put("h", "")}, {});
  REQUIRE(options.base.size() == 2);
  CHECK(options.base[1].filename() == "l1");
}

TEST_CASE("folders are judged without programs", "[harness][gate]") {
  const TestFolder folder;
  const std::string there = folder.path.string();
  const GateOptions options = parse_gate({"--baseline", there, "--candidate", there}, {});
  CHECK(options.judges_folders());
  CHECK_THROWS_WITH(parse_gate({"--baseline", there}, {}), "--candidate: must be given, a results folder");
  CHECK_THROWS_WITH(parse_gate({"--baseline", "/nowhere", "--candidate", there}, {}),
                    Catch::StartsWith("--baseline: no such folder: "));
  CHECK_THROWS_WITH(parse_gate({"--baseline", there, "--candidate", there, "--budget", "9s"}, {}),
                    "--budget: means nothing beside --baseline and --candidate");
  CHECK_THROWS_WITH(parse_gate({"--baseline", there, "--candidate", there, "--metrics", "instructions"}, {}),
                    Catch::StartsWith("--metrics: instructions are counted of programs"));
}

TEST_CASE("each error of a gate names its flag", "[harness][gate]") {
  const TestFolder folder;
  CHECK_THROWS_WITH(parse_gate({}, {}), "--base: must be given, a crosstalk program");
  CHECK_THROWS_WITH(parse_gate({"--base", folder.put("a", ""), "--head", "/nowhere"}, {}),
                    Catch::StartsWith("--head: no such program: "));
  for (const auto& [flag, value] :
       {std::pair{"--budget", "never"}, std::pair{"--pairs", "0"}, std::pair{"--metrics", "speed"},
        std::pair{"--block", "1ns"}, std::pair{"--undecided", "maybe"}, std::pair{"--format", "xml"},
        std::pair{"--foreign-limit", "200"}, std::pair{"--timeout", "0"}, std::pair{"--strategy", "a/b"}}) {
    CHECK_THROWS_WITH(parse_gate(with_programs(folder, {flag, value}), {}),
                      Catch::StartsWith(std::string(flag) + ": "));
  }
  CHECK_THROWS_AS(parse_gate(with_programs(folder, {"--load", "poisson"}), {}), UsageError);
  CHECK_THROWS_WITH(parse_gate(with_programs(folder, {"--instructions"}), {{"PATH", "/nowhere"}}),
                    Catch::Contains("needs valgrind"));
}

}  // namespace
}  // namespace crosstalk::harness::gate
