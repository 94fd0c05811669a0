#include "harness/verify/replay.h"

#include <catch2/catch.hpp>

#include "harness/values.h"

namespace crosstalk::harness::verify {

TEST_CASE("a replay string reads back as what it was", "[harness][verify]") {
  const Replay replay{.component = "map/flat_map",
                      .one_case = "hot keys",
                      .seed = 17,
                      .round = 3,
                      .threads = 4,
                      .operations = 120};
  CHECK(replay_text(replay) == "map/flat_map:hot_keys:17:3:4:120");
  const Replay again = parse_replay(replay_text(replay));
  CHECK(again.component == "map/flat_map");
  CHECK(again.one_case == "hot keys");
  CHECK(again.seed == 17);
  CHECK(again.operations == 120);
}

TEST_CASE("what is no replay string is refused", "[harness][verify]") {
  for (const char* text :
       {"", "lock/ticket", "lock/ticket:stress:1:2:3", "lock/ticket:stress:1:2:3:x", "a:b:1:2:3:4:5"}) {
    CHECK_THROWS_AS(parse_replay(text), ValueError);
  }
}

}  // namespace crosstalk::harness::verify
