#include "harness/gate/instructions.h"

#include <catch2/catch.hpp>

#include "harness/gate/gate_stop.h"

namespace crosstalk::harness::gate {
namespace {

// What callgrind writes of a function that is called by another one, in its compressed form.
constexpr const char* kFile =
    "# callgrind format\n"
    "version: 1\n"
    "positions: line\n"
    "events: Ir\n"
    "summary: 160\n"
    "\n"
    "ob=(1) /bin/x\n"
    "fl=(1) a.cpp\n"
    "fn=(1) run()\n"
    "10 40\n"
    "+1 20\n"
    "cfn=(2) send(int, char)\n"
    "calls=3 20\n"
    "11 100\n"
    "\n"
    "fn=(2)\n"
    "20 70\n"
    "fi=(2) b.h\n"
    "* 30\n"
    "7\n";

TEST_CASE("each function has its own instructions, not those of its callees", "[harness][gate]") {
  const FunctionCounts counts = parse_callgrind("f", kFile);
  CHECK(counts == FunctionCounts{{"run()", 60}, {"send(int, char)", 100}});
}

TEST_CASE("what callgrind did not write is refused with its line", "[harness][gate]") {
  CHECK_THROWS_WITH(parse_callgrind("f", "hello\n"), "f: this is no file of callgrind's");
  CHECK_THROWS_WITH(parse_callgrind("f", "events: Ir\n10 5\n"), "f:2: this is no file of callgrind's");
  CHECK_THROWS_WITH(parse_callgrind("f", "events: Ir\nfn=(1) a\n10 x\n"),
                    "f:3: this is no file of callgrind's");
  CHECK_THROWS_WITH(parse_callgrind("f", "events: Dr Ir\n"), "f:1: the first event must be Ir");
  CHECK_THROWS_AS(read_callgrind("/nowhere"), GateStop);
}

TEST_CASE("what two runs have in common cancels", "[harness][gate]") {
  const InstructionCounts counts =
      per_operation({{"start", 1000}, {"send", 500}}, {{"start", 1000}, {"send", 1500}, {"rare", 100}}, 10);
  CHECK(counts.at("start") == 0);
  CHECK(counts.at("send") == 100);
  CHECK(counts.at("rare") == 10);
  CHECK(total(counts) == 110);
}

TEST_CASE("functions that grew are named, the largest growth first", "[harness][gate]") {
  const InstructionChange change =
      compared({{"a", 100}, {"b", 50}, {"gone", 20}}, {{"a", 110}, {"b", 80}, {"new", 5}});
  CHECK(change.change() == Approx(25.0 / 170));
  REQUIRE(change.grown.size() == 3);
  CHECK(change.grown[0].name == "b");
  CHECK(change.grown[1].name == "a");
  CHECK(change.grown[2].name == "new");
  CHECK(compared({{"a", 1000}, {"b", 9000}}, {{"a", 1009}, {"b", 9000}}).grown.empty());
  CHECK(compared({{"a", 1000}}, {{"a", 900}}).grown.empty());
}

}  // namespace
}  // namespace crosstalk::harness::gate
