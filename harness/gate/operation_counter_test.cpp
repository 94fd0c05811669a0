#include "harness/gate/operation_counter.h"

#include <catch2/catch.hpp>

#include "harness/gate/gate_stop.h"
#include "harness/gate/gate_test_help.h"

namespace crosstalk::harness::gate {
namespace {

reports::RunResult counting_result(double allocations) {
  reports::RunResult result = gate_result(1'000);
  result.ops.front().counts =
      reports::OpCounts{.operations = 10'000, .locks = 1, .allocations = allocations, .allocated_bytes = 8};
  return result;
}

class Counting {
 public:
  std::vector<OpCount> count(const std::string& base, const std::string& head,
                             const std::vector<std::string>& head_flags = {}) {
    BlockRunner runner(programs.folder.path / "out", 60'000'000'000);
    const Contest contest{.name = "team", .scenario = "team", .strategy = "a/a"};
    return OperationCounter(runner, 1).count({"base", "--base", {base}}, {"head", "--head", {head}}, contest,
                                             head_flags);
  }

  FakePrograms programs;
};

TEST_CASE("both programs count twice, by the plan of the base", "[harness][gate]") {
  Counting counting;
  const std::vector<OpCount> counts =
      counting.count(counting.programs.measuring("old", counting_result(0.25)),
                     counting.programs.measuring("new", counting_result(1.25)));
  const std::vector<OpCount> grown = grown_counts(counts);
  REQUIRE(grown.size() == 1);
  CHECK(grown[0].name == "allocations");
  CHECK(grown[0].head - grown[0].base == 1);
  CHECK_THAT(content_of(counting.programs.folder.path / "asked"), Catch::Contains("team-count.csv") &&
                                                                      Catch::Contains(" --count ") &&
                                                                      Catch::Contains(" --store memory "));
  CHECK(reports::read_runs(counting.programs.folder.path / "out" / "counts-head" / "team" / "runs.csv")
            .size() == 2);
}

TEST_CASE("equal programs compare as equal", "[harness][gate]") {
  Counting counting;
  const std::string program = counting.programs.measuring("old", counting_result(0.25));
  const std::vector<OpCount> counts = counting.count(program, program);
  CHECK(counts.size() == 4);  // locks, allocations, bytes, submits
  for (const OpCount& count : counts) {
    CHECK(count.exact);
    CHECK(count.base == count.head);
  }
}

TEST_CASE("head counts by a plan of its own where it is slowed down on purpose", "[harness][gate]") {
  Counting counting;
  const std::string program = counting.programs.measuring("old", counting_result(0.25));
  static_cast<void>(counting.count(program, program, {"--repeat", "lock=5%"}));
  const std::string asked = content_of(counting.programs.folder.path / "asked");
  CHECK_THAT(asked, Catch::Contains("team-count.csv") && Catch::Contains("team-count-slowed.csv") &&
                        Catch::Contains(" --count ") && Catch::Contains(" --repeat lock=5%"));
}

TEST_CASE("a program that counts nothing is named", "[harness][gate]") {
  Counting counting;
  const std::string old_one = counting.programs.measuring("old", gate_result(1'000));
  const std::string new_one = counting.programs.measuring("new", counting_result(1));
  CHECK_THROWS_WITH(counting.count(old_one, new_one), "--base: counting operations of team: it counts none");
  CHECK_THROWS_WITH(counting.count(new_one, old_one),
                    Catch::StartsWith("--head: counting operations of team"));
}

}  // namespace
}  // namespace crosstalk::harness::gate
