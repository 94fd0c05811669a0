// The gate with programs that only act as if they measured: what each kind of program makes of its exit code.
#include "harness/gate_command.h"

#include <catch2/catch.hpp>

#include <sstream>

#include "harness/command_line_test_support.h"
#include "harness/plan.h"
#include "reports/csv_writer.h"

namespace crosstalk::harness {
namespace {

reports::RunResult gate_row(double ops_s) {
  reports::RunResult result;
  result.identity.run_id = "r1";
  result.identity.strategy = "a/a";
  result.identity.scenario = "team";
  result.identity.trace_hash = 7;
  result.identity.load_model = "closed";
  result.verified = true;
  result.cpu_user_s = 1;
  reports::OpResult all;
  all.op = "all";
  all.achieved_ops_s = ops_s;
  all.count = static_cast<std::uint64_t>(ops_s);
  all.response.record(1'000, 1'000);
  all.service.record(1'000, 1'000);
  result.ops = {all};
  return result;
}

class Gate {
 public:
  Gate() {
    PlanRow row;
    row.row = 1;
    row.strategy = "a/a";
    row.scenario = "team";
    row.clients = 5;
    row.duration_ns = 1'000'000'000;
    row.timeout_ns = 1'000'000'000;
    write_plan(folder_.path / "stored.csv", {row});
  }

  // A program that appends this row, as a run of its own, whenever it is asked to run one.
  std::string program(const std::string& name, const reports::RunResult& result,
                      const std::string& first = "") {
    const std::filesystem::path rows = folder_.path / (name + "-rows");
    reports::ResultsWriter(rows).write(result);
    return script(name, first + "case \"$*\" in *--dry-run*) cp '" + (folder_.path / "stored.csv").string() +
                            "' \"$4\" ;; *) mkdir -p \"$7\"; from=1; [ ! -e \"$7/runs.csv\" ] || from=2; "
                            "tail -n +$from '" +
                            (rows / "runs.csv").string() +
                            "' | sed \"s/^1,r1,/1,r$$,/\" >> \"$7/runs.csv\" ;; esac\n");
  }
  std::string script(const std::string& name, const std::string& body) {
    std::string path = folder_.put(
        name, "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'crosstalk 9'; exit 0; fi\n" + body);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }
  std::string file(const std::string& name, const std::string& text) {
    std::string path = folder_.put(name, text);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }

  int run(const std::string& base, const std::string& head, std::vector<std::string> more = {},
          const char* pairs = "9") {
    std::vector<std::string> arguments{"--base",      base,   "--head",  head,
                                       "--scenarios", "team", "--pairs", pairs,
                                       "--seed",      "1",    "--out",   (folder_.path / "out").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::filesystem::remove_all(folder_.path / "out");
    out_.str("");
    err_.str("");
    return gate_command(arguments, {}, {out_, err_});
  }
  [[nodiscard]] std::string out() const { return out_.str(); }
  [[nodiscard]] std::string err() const { return err_.str(); }

 private:
  TestFolder folder_;
  std::ostringstream out_, err_;
};

TEST_CASE("equal programs pass, a slower one does not", "[harness][gate]") {
  Gate gate;
  const std::string old_one = gate.program("old", gate_row(1'000));
  CHECK(gate.run(old_one, gate.program("same", gate_row(1'000))) == 0);
  CHECK_THAT(gate.out(), Catch::StartsWith("No regression was shown: of 3 verdicts, 3 held."));
  CHECK(gate.run(old_one, gate.program("slow", gate_row(900))) == 1);
  CHECK_THAT(gate.out(), Catch::StartsWith("REGRESSED: team, a/a, throughput; team, a/a, cpu_per_op:"));
  CHECK_THAT(gate.out(), Catch::Contains("-10.0"));
  CHECK(gate.run(old_one, gate.program("fast", gate_row(1'200))) == 0);
  CHECK_THAT(gate.out(), Catch::Contains("improved"));
  std::istringstream lines(gate.out());
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
}

TEST_CASE("programs get the verdicts alone on standard output", "[harness][gate]") {
  Gate gate;
  const std::string program = gate.program("old", gate_row(1'000));
  CHECK(gate.run(program, program, {"--format", "csv", "--metrics", "throughput"}) == 0);
  CHECK_THAT(gate.out(), Catch::StartsWith("scenario,strategy,metric,change_pct,low_pct,high_pct,p_holm,"));
  CHECK_THAT(gate.out(), Catch::Contains("team,a/a,throughput,0.0,0.0,0.0,1,0.0,5.0,9,"));
  CHECK_THAT(gate.err(), Catch::Contains("No regression was shown"));
}

TEST_CASE("a program that is none, or crashes, is code 8", "[harness][gate]") {
  Gate gate;
  const std::string good = gate.program("good", gate_row(1'000));
  CHECK(gate.run(good, gate.file("other", "#!/bin/sh\necho other 1\n")) == 8);
  CHECK_THAT(gate.err(), Catch::Contains("is not crosstalk"));
  CHECK(gate.run(gate.file("data", "no program"), good) == 8);
  CHECK(gate.run(good, gate.script("crash", "kill -SEGV $$\n")) == 8);
  CHECK_THAT(gate.err(), Catch::Contains("killed by signal 11"));
  CHECK(gate.run(good, gate.script("hung", "exit 8\n")) == 8);
  CHECK(gate.run(good, gate.script("idle", "exit 0\n")) == 8);  // nothing measured
}

TEST_CASE("a broken law is code 3", "[harness][gate]") {
  Gate gate;
  const std::string good = gate.program("good", gate_row(1'000));
  reports::RunResult broken = gate_row(1'000);
  broken.verified = false;
  CHECK(gate.run(good, gate.program("wrong", broken)) == 3);
  CHECK(gate.run(good, gate.script("told", "echo 'law broken' >&2; exit 3\n")) == 3);
  CHECK_THAT(gate.err(), Catch::Contains("law broken"));
  CHECK(gate.run(good,
                 gate.script("paged", "printf 'FAIL lock/mine\\n  replay: it\\nrefused\\n' >&2; exit 3\n")) ==
        3);
  CHECK_THAT(gate.err(), Catch::Contains("FAIL lock/mine\n  replay: it\ncrosstalk: --head: "));
}

TEST_CASE("different traces, plans or files are not comparable", "[harness][gate]") {
  Gate gate;
  const std::string good = gate.program("good", gate_row(1'000));
  reports::RunResult other = gate_row(1'000);
  other.identity.trace_hash = 8;
  CHECK(gate.run(good, gate.program("other", other)) == 6);
  CHECK_THAT(gate.err(), Catch::Contains("different traces"));
  CHECK(gate.run(good, gate.script("refuses", "echo 'unknown column' >&2; exit 2\n")) == 6);
  CHECK_THAT(gate.err(), Catch::Contains("the plan of the base is refused: exit code 2: unknown column"));
  CHECK(gate.run(good, gate.script("strange", "mkdir -p \"$7\"; echo x,y > \"$7/runs.csv\"\n")) == 6);
  CHECK(gate.run(gate.script("new", "echo what,ever > \"$4\"\n"), good) == 6);
}

TEST_CASE("what cannot be measured is code 4, what the base will not plan is usage", "[harness][gate]") {
  Gate gate;
  const std::string good = gate.program("good", gate_row(1'000));
  reports::RunResult noisy = gate_row(1'000);
  noisy.status = reports::Status::contaminated;
  noisy.status_reason = "others took 9 %";
  CHECK(gate.run(good, gate.program("noisy", noisy)) == 4);
  CHECK_THAT(gate.err(), Catch::Contains("9 of 9 pairs left out: contaminated"));
  CHECK(gate.run(good, gate.script("debug", "echo 'a Debug build' >&2; exit 4\n")) == 4);
  CHECK(gate.run(gate.script("plans", "echo '--scenario: unknown' >&2; exit 2\n"), good) == 2);
  CHECK_THAT(gate.err(), Catch::Contains("--scenario: unknown"));
  CHECK_THROWS_WITH(gate.run(good, good, {}, "5"), Catch::StartsWith("--pairs: must be at least 9 "));
}

}  // namespace
}  // namespace crosstalk::harness
