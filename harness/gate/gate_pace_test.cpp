#include "harness/gate/gate_pace.h"

#include <catch2/catch.hpp>

namespace crosstalk::harness::gate {
namespace {

using reports::GatePhase;
using reports::PairOrder;

TEST_CASE("a round visits all scenarios that are searched", "[gate]") {
  const auto round = round_of({{0, GatePhase::search, 3}, {2, GatePhase::search, 14}});
  REQUIRE(round.size() == 2);
  CHECK(round[0].scenario == 0);
  CHECK(round[1].scenario == 2);
  CHECK(round_of({}).empty());
}

TEST_CASE("the confirmation that lacks the fewest pairs comes before all else", "[gate]") {
  const auto round = round_of({{0, GatePhase::search, 1},
                               {1, GatePhase::confirm, 14},
                               {2, GatePhase::confirm, 9},
                               {3, GatePhase::confirm, 14}});
  REQUIRE(round.size() == 1);
  CHECK(round[0].scenario == 2);
  CHECK(round[0].phase == GatePhase::confirm);
}

}  // namespace
}  // namespace crosstalk::harness::gate
