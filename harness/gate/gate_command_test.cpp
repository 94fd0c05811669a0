#include "harness/gate/gate_command.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "harness/gate/gate_test_help.h"
#include "harness/settings.h"

namespace crosstalk::harness::gate {
namespace {

// A gate of programs that are scripts.
class Gate {
 public:
  int run(const std::string& base, const std::string& head, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"--base",      base,   "--head",     head,
                                       "--scenarios", "team", "--strategy", "a/a",
                                       "--seed",      "1",    "--out",      out_folder().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::filesystem::remove_all(out_folder());
    out_.str("");
    err_.str("");
    return gate_command(arguments, {}, {out_, err_});
  }
  [[nodiscard]] std::filesystem::path out_folder() const { return programs.folder.path / "out"; }
  [[nodiscard]] std::string file(const std::string& name) const { return content_of(out_folder() / name); }
  [[nodiscard]] std::string out() const { return out_.str(); }
  [[nodiscard]] std::string err() const { return err_.str(); }

  FakePrograms programs;

 private:
  std::ostringstream out_, err_;
};

TEST_CASE("equal programs pass, a slower one does not", "[harness][gate]") {
  Gate gate;
  const std::string old_one = gate.programs.measuring("old", gate_result(1'000));
  CHECK(gate.run(old_one, gate.programs.measuring("same", gate_result(1'000)),
                 {"--metrics", "throughput,cpu_per_op"}) == 0);
  CHECK_THAT(gate.out(), Catch::StartsWith("no regression: No regression: 2 unchanged."));
  CHECK(gate.run(old_one, gate.programs.measuring("slow", gate_result(900))) == 1);
  CHECK_THAT(gate.out(), Catch::StartsWith("REGRESSED: team got slower: throughput -10.0 %"));
  CHECK_THAT(gate.file("summary.md"), Catch::Contains("**team got slower: throughput -10.0 %"));
  CHECK_THAT(gate.file("pairs.csv"), Catch::Contains(",confirm,") && Catch::Contains(",control,"));
  CHECK(gate.run(old_one, gate.programs.measuring("fast", gate_result(1'200)), {"--undecided", "pass"}) == 0);
  CHECK_THAT(gate.out(), Catch::Contains("improved"));
  CHECK_FALSE(std::filesystem::exists(gate.out_folder() / "programs"));
}

TEST_CASE("a regression that was accepted passes", "[harness][gate]") {
  Gate gate;
  const std::string waivers = gate.programs.folder.put(
      "w.ini", "[team throughput]\nallowed = 12%\nreason = as asked\nexpires = 2999-01-01\n");
  CHECK(gate.run(gate.programs.measuring("old", gate_result(1'000)),
                 gate.programs.measuring("slow", gate_result(900)),
                 {"--metrics", "throughput", "--waivers", waivers}) == 0);
  CHECK_THAT(gate.out(),
             Catch::Contains("waived until 2999-01-01: team got slower") && Catch::Contains("as asked"));
}

TEST_CASE("a slow-down on purpose is planned for head and told", "[harness][gate]") {
  Gate gate;
  const std::string program = gate.programs.measuring("old", gate_result(1'000));
  gate.run(program, program, {"--metrics", "throughput", "--pairs", "16", "--inject", "total=5%"});
  CHECK_THAT(gate.file("gate.json"),
             Catch::Contains("team: head is slowed down on purpose, by 50us an operation"));
  const std::string asked = content_of(gate.programs.folder.path / "asked");
  CHECK_THAT(asked, Catch::Contains("--ops 1000 ") && Catch::Contains(" --outside 50us"));
  CHECK_THAT(asked, Catch::Contains("team-slowed.csv"));
}

TEST_CASE("each format is printed alone on standard output", "[harness][gate]") {
  Gate gate;
  const std::string program = gate.programs.measuring("old", gate_result(1'000));
  for (const auto& [format, begin] :
       {std::pair{"csv", "scenario,metric,verdict,"}, std::pair{"json", "{\"schema_version\":1"},
        std::pair{"junit", "<?xml "}, std::pair{"markdown", "## Performance gate: "}}) {
    gate.run(program, program, {"--format", format, "--metrics", "throughput", "--pairs", "16"});
    CHECK_THAT(gate.out(), Catch::StartsWith(begin));
  }
  CHECK_THAT(gate.file("summary.md"), Catch::Contains("base and head are the same program, byte for byte"));
}

TEST_CASE("a program that fails ends the gate with its code, one line and a summary", "[harness][gate]") {
  Gate gate;
  const std::string good = gate.programs.measuring("good", gate_result(1'000));
  CHECK(gate.run(good, gate.programs.script("crash", "kill -SEGV $$\n")) == 8);
  CHECK_THAT(gate.err(), Catch::StartsWith("crosstalk: gate: --head: team: killed by signal 11\n"));
  CHECK_THAT(gate.file("summary.md"), Catch::Contains("killed by signal 11"));
  CHECK_THAT(gate.file("gate.json"), Catch::Contains("\"exit_code\":8"));
  CHECK(gate.run(good, gate.programs.script("wrong", "exit 3\n")) == 3);
  CHECK(gate.run(good, gate.programs.script("full", "exit 7\n")) == 7);
}

TEST_CASE("programs with different traces are not compared", "[harness][gate]") {
  Gate gate;
  reports::RunResult other = gate_result(1'000);
  other.identity.trace_hash = 8;
  CHECK(gate.run(gate.programs.measuring("good", gate_result(1'000)),
                 gate.programs.measuring("other", other)) == 6);
  CHECK_THAT(gate.err(), Catch::Contains("different traces"));
}

TEST_CASE("a machine that is never quiet gives no verdict", "[harness][gate]") {
  Gate gate;
  reports::RunResult noisy = gate_result(1'000);
  noisy.status = reports::Status::contaminated;
  noisy.status_reason = "others took 9 %";
  const std::string program = gate.programs.measuring("noisy", noisy);
  CHECK(gate.run(program, program) == 4);
  CHECK_THAT(gate.out(),
             Catch::StartsWith("contaminated: Nothing can be said: 10 of 10 pairs were disturbed"));
}

TEST_CASE("too few pairs to show anything are refused before anything runs", "[harness][gate]") {
  Gate gate;
  const std::string good = gate.programs.measuring("good", gate_result(1'000));
  CHECK_THROWS_WITH(gate.run(good, good, {"--pairs", "5"}), Catch::StartsWith("--pairs: "));
}

TEST_CASE("what a program says of a broken lock is shown", "[harness][gate]") {
  Gate gate;
  CHECK(gate.run(gate.programs.measuring("old", gate_result(1'000)),
                 gate.programs.script(
                     "paged", "printf 'FAIL lock/mine\\n  replay: it\\nrefused\\n' >&2; exit 3\n")) == 3);
  CHECK_THAT(gate.err(), Catch::Contains("FAIL lock/mine\n  replay: it\ncrosstalk: gate: "));
}

}  // namespace
}  // namespace crosstalk::harness::gate
