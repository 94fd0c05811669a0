#include "harness/gate_options.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "harness/command_line_test_support.h"
#include "harness/settings.h"

namespace crosstalk::harness {
namespace {

std::vector<std::string> least(const TestFolder& folder, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"--base",      folder.put("a", ""), "--head", folder.put("b", ""),
                                     "--scenarios", "team,stream"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

bool holds_pair(const std::vector<std::string>& flags, const std::string& flag, const std::string& value) {
  const auto found = std::find(flags.begin(), flags.end(), flag);
  return found != flags.end() && found + 1 != flags.end() && *(found + 1) == value;
}

TEST_CASE("a gate needs two programs and scenarios, the rest has defaults", "[harness][gate]") {
  const TestFolder folder;
  const GateOptions options = parse_gate(least(folder), {});
  CHECK(options.base.filename() == "a");
  CHECK(options.head.filename() == "b");
  CHECK(options.scenarios == std::vector<std::string>{"team", "stream"});
  CHECK(options.metrics == std::vector<std::string>{"throughput", "response_p99", "cpu_per_op"});
  CHECK(options.pairs == 20);
  CHECK(options.margin == Approx(0.05));
  CHECK(options.response_margin == Approx(0.25));
  CHECK(options.seed_was_chosen);
  CHECK(holds_pair(options.plan_flags, "--duration", "300ms"));
  CHECK(holds_pair(options.plan_flags, "--strategy", "coarse/std_mutex,sharded/std_mutex"));
  CHECK(std::find(options.plan_flags.begin(), options.plan_flags.end(), "--clients") ==
        options.plan_flags.end());
}

TEST_CASE("what a gate is told outweighs its defaults", "[harness][gate]") {
  const TestFolder folder;
  const GateOptions options = parse_gate(
      least(folder, {"--margin", "2%", "--margin-p99=0.5", "--pairs", "40", "--metrics", "throughput",
                     "--clients", "5k", "--seed", "7", "--out", "there", "--format", "json"}),
      {});
  CHECK(options.margin == Approx(0.02));
  CHECK(options.response_margin == Approx(0.5));
  CHECK(options.pairs == 40);
  CHECK(options.metrics == std::vector<std::string>{"throughput"});
  CHECK(holds_pair(options.plan_flags, "--clients", "5000"));
  CHECK(options.seed == 7);
  CHECK_FALSE(options.seed_was_chosen);
  CHECK(options.out == "there");
  CHECK(options.format == Format::json);
}

TEST_CASE("each error of a gate names its flag", "[harness][gate]") {
  const TestFolder folder;
  CHECK_THROWS_WITH(parse_gate({}, {}), "--base: must be given, a crosstalk program");
  CHECK_THROWS_WITH(parse_gate({"--base", folder.put("a", ""), "--head", "/nowhere"}, {}),
                    Catch::StartsWith("--head: no such program: "));
  CHECK_THROWS_WITH(parse_gate({"--base", folder.put("a", ""), "--head", folder.put("b", "")}, {}),
                    Catch::StartsWith("--scenarios: must be given"));
  for (const auto& [flag, value] :
       {std::pair{"--margin", "200%"}, std::pair{"--pairs", "0"}, std::pair{"--metrics", "speed"},
        std::pair{"--duration", "never"}, std::pair{"--clients", "0"}, std::pair{"--format", "xml"}}) {
    CHECK_THROWS_WITH(parse_gate(least(folder, {flag, value}), {}),
                      Catch::StartsWith(std::string(flag) + ": "));
  }
  CHECK_THROWS_AS(parse_gate(least(folder, {"--load", "poisson"}), {}), UsageError);
}

}  // namespace
}  // namespace crosstalk::harness
