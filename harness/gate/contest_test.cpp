#include "harness/gate/contest.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <set>

namespace crosstalk::harness::gate {
namespace {

TEST_CASE("six scenarios are gated, three of them without contention", "[harness][gate]") {
  const std::vector<Contest>& all = gating_contests();
  CHECK(all.size() == 6);
  CHECK(std::count_if(all.begin(), all.end(), [](const Contest& each) { return each.is_solo(); }) >= 3);
  std::set<std::string> names;
  for (const Contest& contest : all) {
    names.insert(contest.name);
    CHECK_FALSE(contest.models.empty());
    CHECK(contest.name.find_first_of(", ") == std::string::npos);  // a list of names, and parts of file names
    CHECK(std::filesystem::exists(CROSSTALK_SOURCE_DIR "/workloads/scenarios/" + contest.scenario + ".ini"));
    // A scenario of run and one of the gate are asked for by the same flag.
    CHECK_FALSE(
        std::filesystem::exists(CROSSTALK_SOURCE_DIR "/workloads/scenarios/" + contest.name + ".ini"));
  }
  CHECK(names.size() == all.size());
  CHECK(gating_contest("solo_team") == &all.front());
  CHECK(gating_contest("team") == nullptr);
}

TEST_CASE("a pooled contest has one worker, and so wants two processors", "[harness][gate]") {
  const Contest contest{.name = "x", .scenario = "team", .strategy = "a/b", .path = "pooled"};
  CHECK(contest.processors() == 2);
  CHECK_FALSE(contest.is_solo());
  const std::vector<std::string> flags = flags_of(contest);
  CHECK(std::find(flags.begin(), flags.end(), "--workers") != flags.end());
  CHECK(std::find(flags.begin(), flags.end(), "--clients") == flags.end());
}

}  // namespace
}  // namespace crosstalk::harness::gate
