#include "harness/gate/injection.h"

#include <catch2/catch.hpp>

#include "harness/values.h"

namespace crosstalk::harness::gate {
namespace {

TEST_CASE("what is injected is one thing and its share", "[harness][gate]") {
  CHECK(parse_injection("total=5%").total_pct == 5);
  CHECK(parse_injection("total=0.5").total_pct == 50);
  CHECK(parse_injection("lock=5%").repeat == Repeat{RepeatOf::lock, 5});
  CHECK(parse_injection("map=0.05").total_pct == 0);
  CHECK_FALSE(Injection{}.any());
  for (const char* wrong : {"5%", "disk=5%", "total=0%", "total=", "total=200%", "pool=200%", "lock"})
    CHECK_THROWS_AS(parse_injection(wrong), ValueError);
}

TEST_CASE("a contest without the thing cannot be slowed down by it", "[harness][gate]") {
  const auto obstacle = [](const char* text, const char* contest) {
    return obstacle_of(parse_injection(text), *gating_contest(contest));
  };
  CHECK(obstacle("total=5%", "crowd_team").empty());
  CHECK(obstacle("total=5%", "pooled_mixed") == "its path is pooled");
  CHECK(obstacle("lock=5%", "solo_team").empty());
  CHECK(obstacle("lock=5%", "pooled_mixed").empty());
  CHECK(obstacle("lock=5%", "solo_map") == "map/flat_map has no lock of a room");
  CHECK(obstacle("map=5%", "solo_map").empty());
  CHECK(obstacle("map=5%", "solo_team") == "sharded/std_mutex has no concurrent map");
  CHECK(obstacle("pool=5%", "pooled_mixed").empty());
  CHECK(obstacle("pool=5%", "solo_map") == "it has no pool");
}

TEST_CASE("run is told a share of an operation's time, or what to repeat", "[harness][gate]") {
  using Flags = std::vector<std::string>;
  CHECK(flags_of(parse_injection("total=5%"), 4'000) == Flags{"--outside", "200ns"});
  CHECK(flags_of(parse_injection("total=5%"), 2) == Flags{"--outside", "1ns"});
  CHECK(flags_of(parse_injection("lock=5%"), 4'000) == Flags{"--repeat", "lock=5%"});
}

TEST_CASE("what was achieved is the median of all pairwise means of the pairs", "[harness][gate]") {
  std::vector<reports::RunRow> base(9), head(9);
  for (std::size_t i = 0; i < base.size(); ++i) {
    base[i].achieved_ops_s = 1'000;
    head[i].achieved_ops_s = 900;
    base[i].count = head[i].count = 100;
    head[i].repeats = 5;
  }
  head[2].achieved_ops_s = 1;  // one pair that was disturbed moves it little
  base[0].cpu_user_s = 1;
  head[0].cpu_user_s = 1.5;
  const InjectionCost cost = cost_of({"--repeat", "lock=5%"}, base, head);
  CHECK(cost.pairs == 9);
  CHECK(*cost.repeats == Approx(0.05));
  CHECK(*cost.throughput == Approx(-0.1));
  CHECK(*cost.cpu_per_op == Approx(0.5));
  CHECK(cost_words(cost) ==
        "head is slowed down on purpose, by --repeat lock=5%, 0.05 repeats an operation: throughput -10.0 %, "
        "processor time an operation +50.0 % (Hodges-Lehmann over 9 pairs)");
  CHECK(cost_words(cost_of({"--repeat", "lock=5%"}, {}, {})) ==
        "head is slowed down on purpose, by --repeat lock=5%");
}

}  // namespace
}  // namespace crosstalk::harness::gate
