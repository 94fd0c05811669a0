#include "harness/explore/replay.h"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "harness/explore/explore_test_help.h"

namespace crosstalk::harness::explore {

TEST_CASE("a schedule survives being written and read", "[explore]") {
  const std::string text = "t1.15.2,s0.3.1,r2.40.3";
  const auto switches = parse_replay(text);
  REQUIRE(switches.size() == 3);
  CHECK(switches[0].kind == 't');
  CHECK(switches[0].event == 15);
  CHECK(switches[2].choice == 3);
  CHECK(to_text(switches) == text);
  CHECK(parse_replay("").empty());
}

TEST_CASE("what is no schedule is refused with the part that is wrong", "[explore]") {
  for (const char* wrong : {"x1.2.3", "t1.2", "t1.2.3.4", "t16.2.3", "t1.2.16", "t1..3", "t1.2.3,", ",t1.2.3",
                            "t1.99999999999.2"}) {
    INFO(wrong);
    if (std::string(wrong) == "t1.2.3,") {
      CHECK(parse_replay(wrong).size() == 1);  // as a list written by hand ends
    } else {
      CHECK_THROWS_AS(parse_replay(wrong), std::invalid_argument);
    }
  }
}

TEST_CASE("a replay that cannot be followed says so", "[explore]") {
  const Result result = replay("t1.15.2", {}, [] {});
  CHECK(result.finding == Finding::nondeterministic);
  CHECK(result.reason.find("only 0 of its 1 switches") != std::string::npos);
}

}  // namespace crosstalk::harness::explore
