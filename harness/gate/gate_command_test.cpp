#include "harness/gate/gate_command.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>

#include "harness/gate/gate_test_help.h"
#include "harness/settings.h"
#include "reports/csv_reader.h"
#include "reports/history.h"
#include "reports/output_error.h"

namespace crosstalk::harness::gate {
namespace {

// A gate of programs that are scripts.
class Gate {
 public:
  int run(const std::string& base, const std::string& head, std::vector<std::string> more = {},
          const Environment& environment = {}) {
    std::vector<std::string> arguments{"--base",      base,   "--head",     head,
                                       "--scenarios", "team", "--strategy", "a/a",
                                       "--seed",      "1",    "--out",      out_folder().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::filesystem::remove_all(out_folder());
    out_.str("");
    err_.str("");
    return gate_command(arguments, environment, {out_, err_});
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

// What each block was asked to compare with the reference server, a line each.
std::string compared(Gate& gate, const std::string& flags_of_head) {
  const std::string seen = (gate.programs.folder.path / "seen").string();
  const std::string note = "echo \"${CROSSTALK_REFERENCE_OPS:-all}\" >> '" + seen + "'\n";
  const std::string base = gate.programs.measuring("base" + flags_of_head, gate_result(1'000), note);
  gate.programs.flags = flags_of_head;
  const std::string head = gate.programs.measuring("head" + flags_of_head, gate_result(1'000), note);
  CHECK(gate.run(base, head, {"--metrics", "throughput", "--no-count"}) == 0);
  std::string text = content_of(seen);
  std::filesystem::remove(seen);
  return text;
}

TEST_CASE("the first pair alone is compared in full, and all where a side knows no less", "[harness][gate]") {
  Gate gate;
  const std::string lines = compared(gate, "--reference-ops N");
  // Two plans, the block that is tried, and the first pair.
  CHECK_THAT(lines, Catch::StartsWith("all\nall\nall\nall\nall\n4096\n4096\n"));
  CHECK(lines.rfind("all") == 4 * 4);
  CHECK_THAT(compared(gate, "--another"), !Catch::Contains("4096"));
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
             Catch::Contains("team: head is slowed down on purpose, by --outside 50us: throughput +0.0 %"));
  const std::string asked = content_of(gate.programs.folder.path / "asked");
  CHECK_THAT(asked, Catch::Contains("--ops 1000 ") && Catch::Contains(" --outside 50us"));
  CHECK_THAT(asked, Catch::Contains("team-slowed.csv"));
}

TEST_CASE("repeats on purpose are planned for head, and their cost is told", "[harness][gate]") {
  Gate gate;
  reports::RunResult slow = gate_result(900);
  slow.repeats = 45;
  gate.run(gate.programs.measuring("old", gate_result(1'000)), gate.programs.measuring("slow", slow),
           {"--metrics", "throughput", "--pairs", "16", "--inject", "lock=5%"});
  CHECK_THAT(
      gate.file("gate.json"),
      Catch::Contains("team: head is slowed down on purpose, by --repeat lock=5%, 0.05 repeats an operation: "
                      "throughput -10.0 %") &&
          Catch::Contains("\"injection\":{\"injected\":\"--repeat lock=5%\",\"repeats_per_operation\":0.05"));
  CHECK_THAT(content_of(gate.programs.folder.path / "asked"),
             Catch::Contains("team-slowed.csv") && Catch::Contains(" --repeat lock=5%"));
}

// Stands in for valgrind: a program's cost an operation is what its line "# cost N" says, of 10,000 or 20,000 of them.
class FakeValgrind {
 public:
  explicit FakeValgrind(FakePrograms& programs) : path_(std::getenv("PATH")) {
    programs.file(
        "valgrind",
        "#!/bin/sh\nstem=${3#*=}; stem=${stem%.%p}\ncost=$(sed -n 's/^# cost //p' \"$4\")\n"
        "case \"$7\" in *many*) cost=$((2 * cost)) ;; esac\n"
        "printf 'events: Ir\\nfn=start\\n1 7\\ntotals: 7\\n' > \"$stem.$$\"\n"
        "printf 'events: Ir\\nfn=start\\n1 7\\nfn=send()\\n1 %d\\ntotals: 8\\n' $((cost * 10000)) > \"$stem.trial\"\n");
    environment_ = programs.folder.path.string() + ":" + path_;
    ::setenv("PATH", environment_.c_str(), 1);
  }
  ~FakeValgrind() { ::setenv("PATH", path_.c_str(), 1); }
  FakeValgrind(const FakeValgrind&) = delete;
  FakeValgrind& operator=(const FakeValgrind&) = delete;
  [[nodiscard]] Environment environment() const { return {{"PATH", environment_}}; }

 private:
  std::string path_, environment_;
};

TEST_CASE("instructions alone take no pairs and are red beyond their margin", "[harness][gate]") {
  Gate gate;
  const FakeValgrind valgrind(gate.programs);
  const auto costing = [&](const std::string& name, int cost) {
    return gate.programs.measuring(name, gate_result(1'000), "# cost " + std::to_string(cost) + "\n");
  };
  const std::string base = costing("old", 1'000);
  const auto judged = [&](int cost, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--metrics", "instructions"});
    return gate.run(base, costing("new", cost), more, valgrind.environment());
  };
  CHECK(judged(1'009) == 0);
  CHECK_THAT(gate.out(), Catch::StartsWith("no regression: No regression: 1 unchanged."));
  CHECK(judged(1'100) == 1);
  CHECK_THAT(gate.out(), Catch::StartsWith("REGRESSED: team does more: instructions an operation +10.0 %"));
  CHECK_THAT(gate.file("summary.md"),
             Catch::Contains(
                 "**team does more: instructions an operation +10.0 % (1000 to 1100, grown: send() (1000 to "
                 "1100))**") &&
                 Catch::Contains("| instructions % |"));
  CHECK_THAT(gate.file("pairs.csv"), !Catch::Contains("search"));
  CHECK(judged(900) == 0);
  CHECK_THAT(gate.out(), Catch::Contains("1 improved"));
  CHECK(judged(1'100, {"--limits", gate.programs.folder.put("l.ini", "[instructions]\nmargin = 20%\n")}) ==
        0);
  CHECK(judged(1'000, {"--inject", "lock=5%"}) == 0);
  CHECK_THAT(content_of(gate.programs.folder.path / "asked"),
             Catch::Contains("team-many-slowed.csv") && Catch::Contains(" --repeat lock=5%"));
}

TEST_CASE("beside other metrics instructions are a warning, or judged too", "[harness][gate]") {
  Gate gate;
  const FakeValgrind valgrind(gate.programs);
  const std::string base = gate.programs.measuring("old", gate_result(1'000), "# cost 1000\n");
  const std::string head = gate.programs.measuring("new", gate_result(1'000), "# cost 1100\n");
  CHECK(gate.run(base, head, {"--metrics", "throughput", "--instructions"}, valgrind.environment()) == 0);
  CHECK_THAT(gate.file("summary.md"), Catch::Contains("no time was lost that could be shown"));
  CHECK(gate.run(base, head, {"--metrics", "throughput,instructions"}, valgrind.environment()) == 1);
  CHECK_THAT(gate.out(), Catch::StartsWith("REGRESSED: team does more: "));
  CHECK_THAT(gate.file("pairs.csv"), Catch::Contains("search"));
}

TEST_CASE("a count that fails ends a gate that is of counts", "[harness][gate]") {
  Gate gate;
  const FakeValgrind valgrind(gate.programs);
  const std::string good = gate.programs.measuring("good", gate_result(1'000));
  const std::string begin = "crosstalk: gate: --base: counting instructions of team: ";
  for (const auto& [body, code, words] :
       {std::tuple{"exit 1", 8, "exit code 1"}, std::tuple{"kill -9 $$", 8, "killed by signal 9"},
        std::tuple{"exit 3", 3, "a law was broken"},
        std::tuple{"exit 7", 7, "its results could not be written"},
        std::tuple{"exit 0", 8, "callgrind wrote nothing of the trial"}}) {
    gate.programs.file("valgrind", std::string("#!/bin/sh\n") + body + "\n");
    CHECK(gate.run(good, good, {"--metrics", "instructions"}, valgrind.environment()) == code);
    CHECK_THAT(gate.err(), Catch::StartsWith(begin + words));
  }
  CHECK(gate.run(good, good, {"--metrics", "throughput", "--pairs", "16", "--instructions"},
                 valgrind.environment()) != 8);
  CHECK_THAT(gate.file("gate.json"), Catch::Contains("instructions were not counted: --base: counting"));
}

TEST_CASE("each gate adds its rows to the history, all of one anchor", "[harness][gate][history]") {
  Gate gate;
  const std::string anchor = gate.programs.measuring("anchor", gate_result(1'000));
  const std::string history = (gate.programs.folder.path / "history.csv").string();
  const std::vector<std::string> more{"--metrics", "throughput,cpu_per_op", "--history", history};
  CHECK(gate.run(anchor, gate.programs.measuring("same", gate_result(1'000)), more) == 0);
  const std::string first = content_of(history);
  CHECK(gate.run(anchor, gate.programs.measuring("slow", gate_result(900)), more) == 1);
  CHECK_THAT(gate.err(), Catch::Contains("history: " + history + ": 2 rows added"));
  CHECK(content_of(history).starts_with(first));
  const auto rows = reports::read_history(history);
  REQUIRE(rows.size() == 4);
  for (const reports::HistoryRow& row : rows) {
    CHECK(row.anchor_hash == rows[0].anchor_hash);
    CHECK(row.work == "team a/a direct threads=1 block=150ms");
    CHECK(row.usable());
  }
  CHECK(*rows[0].loss == Approx(0).margin(1e-9));
  CHECK(*rows[2].loss == Approx(-std::log(0.9)));
  CHECK(rows[2].verdict == reports::Verdict::regressed);
}

TEST_CASE("a gate that ends early adds nothing, one that was contaminated rows that are left out",
          "[harness][gate][history]") {
  Gate gate;
  const std::string good = gate.programs.measuring("good", gate_result(1'000));
  const std::string history = (gate.programs.folder.path / "history.csv").string();
  CHECK(gate.run(good, gate.programs.script("crash", "kill -SEGV $$\n"), {"--history", history}) == 8);
  CHECK_THAT(gate.err(), Catch::Contains("nothing added, the gate ended before its verdict"));
  CHECK(reports::read_history(history).empty());
  reports::RunResult noisy = gate_result(1'000);
  noisy.status = reports::Status::contaminated;
  const std::string program = gate.programs.measuring("noisy", noisy);
  CHECK(gate.run(program, program, {"--metrics", "throughput", "--history", history}) == 4);
  for (const reports::HistoryRow& row : reports::read_history(history)) CHECK_FALSE(row.usable());
}

TEST_CASE("a history that cannot be continued ends the gate before it measures", "[harness][gate][history]") {
  Gate gate;
  const std::string program = gate.programs.measuring("old", gate_result(1'000));
  const std::string other = gate.programs.folder.put("runs.csv", "schema_version,run_id\n");
  CHECK_THROWS_AS(gate.run(program, program, {"--history", other}), reports::CsvError);
  CHECK_THROWS_AS(gate.run(program, program, {"--history", "/dev/null"}), reports::OutputError);
  CHECK_FALSE(std::filesystem::exists(gate.out_folder() / "pairs.csv"));
}

TEST_CASE("what a gate found is not lost with a history that cannot be written", "[harness][gate][history]") {
  Gate gate;
  const auto history = gate.programs.folder.path / "history.csv";
  // Measuring takes the file's last newline away, as a disk that lost a block might.
  const std::string program = gate.programs.measuring("old", gate_result(1'000));
  std::string body = content_of(program);
  body.replace(body.find("case"), 0, "printf x >>'" + history.string() + "'\n");
  const std::string spoiling = gate.programs.file("spoiling", body);
  CHECK_THROWS_AS(gate.run(spoiling, spoiling, {"--metrics", "throughput", "--history", history.string()}),
                  reports::OutputError);
  CHECK_THAT(gate.out(), Catch::StartsWith("no regression"));
  CHECK_THAT(gate.file("gate.json"), Catch::Contains("\"exit_code\":0"));
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
