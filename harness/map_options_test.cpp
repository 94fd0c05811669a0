#include "harness/map_options.h"

#include <catch2/catch.hpp>

#include <set>

#include "harness/command_line_test_support.h"

namespace crosstalk::harness {
namespace {

MapOptions map_of(Arguments arguments, const Environment& environment = {}) {
  use_built_in_scenarios();
  arguments.insert(arguments.begin(), "--map");
  return parse_map(fake_catalog(), arguments, environment);
}

std::string map_refusal(const Arguments& arguments) {
  try {
    static_cast<void>(map_of(arguments));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST_CASE("a map has a default grid, with oversubscription in it", "[harness][map_options]") {
  const MapOptions options = map_of({});
  const std::set<unsigned> drivers(options.axes.threads.begin(), options.axes.threads.end());
  CHECK(drivers.contains(8 * options.request.processors));
  CHECK(drivers.contains(options.request.processors));
  CHECK(options.axes.write_shares == std::vector<double>{0.01, 0.1, 0.5});
  CHECK(options.axes.zipfs == std::vector<double>{0, 0.99});
  CHECK(options.axes.members == std::vector<std::uint32_t>{64, 512});
  CHECK(options.axes.outsides_ns == std::vector<std::uint64_t>{0, 1'000});
  CHECK(options.request.cells.size() == 24 * drivers.size());
  CHECK(options.budget.seconds == 1'200);
  CHECK_FALSE(options.budget.was_chosen);
  CHECK(options.request.base.load == LoadModel::closed);
  CHECK(options.request.base.duration_ns == 60'000'000);
  CHECK(options.request.base.warmup_ns == 15'000'000);
  CHECK(options.request.base.latency);
  CHECK(options.request.with_floor);
  // The catalog has none of the five, and what one thread alone may use is of no use.
  CHECK(options.request.strategies == std::vector<std::string>{"sharded/ticket", "sharded/std_mutex"});
}

TEST_CASE("numbers of drivers are also multiples of the processors", "[harness][map_options]") {
  CHECK(parse_map_threads("0.5x,1x,2x,8x", 2) == std::vector<unsigned>{1, 2, 4, 16});
  CHECK(parse_map_threads("0.5x,1x,2x,8x", 1) == std::vector<unsigned>{1, 2, 8});
  CHECK(parse_map_threads("3,1x,3", 4) == std::vector<unsigned>{3, 4});
  CHECK_THROWS_WITH(parse_map_threads("0x", 2), Catch::StartsWith("must be between 0.001 and 1024"));
  CHECK_THROWS_WITH(parse_map_threads("1024x", 2), "must be at most 1024 drivers, got 1024x of 2 processors");
  CHECK_THROWS_AS(parse_map_threads("x", 2), ValueError);
}

TEST_CASE("every axis is taken from the command line", "[harness][map_options]") {
  const MapOptions options =
      map_of({"--threads", "2,6", "--write-share", "0,2.5%,0.5", "--zipf", "1.2", "--members", "4,8",
              "--outside", "0,200ns", "--strategy", "*/ticket", "--repetitions", "12"});
  CHECK(options.axes.threads == std::vector<unsigned>{2, 6});
  CHECK(options.axes.write_shares == std::vector<double>{0, 0.025, 0.5});
  CHECK(options.axes.zipfs == std::vector<double>{1.2});
  CHECK(options.axes.members == std::vector<std::uint32_t>{4, 8});
  CHECK(options.axes.outsides_ns == std::vector<std::uint64_t>{0, 200});
  CHECK(options.request.strategies.size() == 2);
  CHECK(options.request.cells.size() == 2 * 3 * 2 * 2);
  CHECK(options.request.blocks == 12);
  CHECK_FALSE(options.budget.seconds);
  CHECK(map_of({"--budget", "5m"}).budget.seconds == 300);
  CHECK(map_of({}, {{"CROSSTALK_THREADS", "1x,2x"}}).axes.threads.size() == 2);
}

TEST_CASE("what an axis cannot be is refused with flag, bound and value", "[harness][map_options]") {
  CHECK(map_refusal({"--write-share", "101%"}) == "--write-share: must be between 0 and 100, got 101");
  CHECK(map_refusal({"--zipf", "11"}) == "--zipf: must be between 0 and 10, got 11");
  CHECK(map_refusal({"--members", "1"}) == "--members: must be between 2 and 10000, got 1");
  CHECK(map_refusal({"--threads", "0"}) == "--threads: must be between 1 and 1024, got 0");
  CHECK(map_refusal({"--threads", "1,129", "--members", "2"}) ==
        "--threads: must be at most the number of clients, 64 x --members (128), got 129");
  CHECK_THAT(map_refusal({"--outside", "1ms", "--threads", "1024"}),
             Catch::StartsWith("--outside: must be at most 1ms x processors / drivers ("));
  CHECK(map_refusal({"--strategy", "coarse/ticket,null/null"}) ==
        "--strategy: a map takes at least two strategies, got 1");
  CHECK_THAT(map_refusal({"--repetitions", "10000"}),
             Catch::StartsWith("cells x --strategy x --repetitions: must be at most 1000000 trials"));
}

TEST_CASE("what a map chooses itself is refused", "[harness][map_options]") {
  for (const char* flag :
       {"--scenario", "--set", "--trace", "--clients", "--load", "--rate", "--think", "--path", "--ops"}) {
    CHECK(map_refusal({flag, "1"}) == std::string(flag) + ": compare decides this itself; see crosstalk run");
  }
  CHECK_THAT(map_refusal({"--until-ci", "3%"}), Catch::StartsWith("unknown flag"));
}

TEST_CASE("a map is asked for by its word alone", "[harness][map_options]") {
  CHECK(asks_for_map({"--seed", "1", "--map"}));
  CHECK_FALSE(asks_for_map({"--seed", "1"}));
  CHECK_THAT(map_help(),
             Catch::Contains("--write-share") && Catch::Contains("That error holds for each cell"));
}

}  // namespace
}  // namespace crosstalk::harness
