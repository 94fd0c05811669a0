#include "harness/map_command.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

#include "harness/command_line_test_support.h"
#include "harness/program.h"
#include "reports/environment.h"
#include "reports/winner_map.h"

namespace crosstalk::harness {
namespace {

// Six strategies, 24 cells: with the floor 168 trials a block.
MapOptions six_strategies() {
  MapOptions options;
  options.request.cells.resize(24);
  options.request.strategies = {"a/a", "b/b", "c/c", "d/d", "e/e", "f/f"};
  options.request.blocks = 1'000;
  return options;
}

TEST_CASE("a prospect says what the budget affords and what is needed", "[harness][map_command]") {
  MapOptions options = six_strategies();
  options.budget.seconds = 1'200;
  CHECK(map_is_affordable(options, 60));
  CHECK(map_prospect(options, 60) ==
        "24 cells x 6 strategies and the floor: a block takes about 1m, the budget of 20m affords some 20 "
        "blocks; to tell so many strategies apart takes at least 13");
}

TEST_CASE("where nothing would be resolved, it is said which budget would do", "[harness][map_command]") {
  MapOptions options = six_strategies();
  options.budget.seconds = 300;
  CHECK_FALSE(map_is_affordable(options, 60));
  CHECK_THAT(
      map_prospect(options, 60),
      Catch::Contains("affords some 5 blocks") &&
          Catch::EndsWith("Nothing would be resolved: --budget 15m would do, or fewer strategies or values"));
  options.budget.seconds.reset();
  options.request.blocks = 5;
  CHECK_FALSE(map_is_affordable(options, 60));
  CHECK_THAT(
      map_prospect(options, 60),
      Catch::Contains("all 5 some 5m") && Catch::EndsWith("--repetitions 13 would do, or fewer strategies"));
  options.request.blocks = 13;
  CHECK(map_is_affordable(options, 60));
}

TEST_CASE("a trial takes its phases and some time around them", "[harness][map_command]") {
  PlanRow base;
  base.duration_ns = 60'000'000;
  base.warmup_ns = 15'000'000;
  CHECK(expected_trial_s(base) > 0.075);
}

struct MapEnd {
  int code = 0;
  std::string out, err;
};

MapEnd map_program(Arguments arguments) {
  use_built_in_scenarios();
  arguments.insert(arguments.begin(), {"compare", "--map"});
  std::ostringstream out, err;
  const int code = run_program(builtin_catalog(), arguments, {}, {out, err});
  return {code, out.str(), err.str()};
}

TEST_CASE("the map has a help of its own", "[harness][map_command]") {
  const MapEnd help = map_program({"--help"});
  CHECK(help.code == 0);
  CHECK_THAT(help.out, Catch::StartsWith("usage: crosstalk compare --map"));
  std::istringstream lines(help.out);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
}

TEST_CASE("a map writes every trial and a row for each cell", "[harness][map_command]") {
  if (!reports::build_facts().fit) return;
  const TestFolder folder;
  const auto results = folder.path / "results";
  const MapEnd ended = map_program({"--threads",       "1,2",
                                    "--write-share",   "10%",
                                    "--zipf",          "0.99",
                                    "--members",       "4",
                                    "--outside",       "0,200ns",
                                    "--strategy",      "coarse/std_mutex,sharded/std_mutex",
                                    "--duration",      "2ms",
                                    "--warmup",        "0",
                                    "--repetitions",   "2",
                                    "--seed",          "1",
                                    "--foreign-limit", "100",
                                    "--format",        "csv",
                                    "--out",           results.string()});
  INFO(ended.err);
  CHECK((ended.code == 0 || ended.code == 4));
  const std::string map = content_of(results / "map.csv");
  CHECK(map.starts_with(reports::map_header()));
  CHECK(std::count(map.begin(), map.end(), '\n') == 5);
  const std::string runs = content_of(results / "runs.csv");
  std::size_t totals = 0;
  for (std::size_t at = 0; (at = runs.find(",all,", at)) != std::string::npos; ++at) ++totals;
  CHECK(totals == 2 * 4 * 3);
  CHECK_THAT(runs, Catch::Contains("room_exponent=0.99,churn=0.1,who=0.9,away_share="));
  CHECK_THAT(ended.out, Catch::StartsWith("run_id,threads,write_share_pct"));
  CHECK_THAT(ended.err, Catch::Contains("4 cells x 2 strategies and the floor") &&
                            Catch::Contains("--repetitions 9 would do"));
}

}  // namespace
}  // namespace crosstalk::harness
