#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "harness/command_line_test_support.h"
#include "harness/program.h"

namespace crosstalk::harness {
namespace {

struct ProgramOutcome {
  int code = 0;
  std::string out;
  std::string err;
};

ProgramOutcome run(const Arguments& arguments, const Environment& environment = {}) {
  use_built_in_scenarios();
  std::ostringstream out;
  std::ostringstream err;
  const int code = run_program(fake_catalog(), arguments, environment, {out, err});
  return {code, out.str(), err.str()};
}

// The command line is refused with this code and this one line, and prints nothing else.
void check_refused(const Arguments& arguments, int code, const std::string& message) {
  const ProgramOutcome outcome = run(arguments);
  CAPTURE(arguments);
  CHECK(outcome.code == code);
  CHECK(outcome.out.empty());
  CHECK_THAT(outcome.err, Catch::StartsWith("crosstalk: " + message));
  CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
}

TEST_CASE("help and version go to standard output", "[harness][program]") {
  for (const Arguments& arguments : {Arguments{"--help"}, {"-h"}, {"help"}, {"help", "--help"}}) {
    const ProgramOutcome outcome = run(arguments);
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.out, Catch::StartsWith("usage: crosstalk COMMAND"));
    CHECK(outcome.err.empty());
  }
  for (const std::string command : {"run", "list", "trace", "calibrate"}) {
    for (const Arguments& arguments :
         {Arguments{"help", command}, {command, "--help"}, {command, "--wrong", "-h"}}) {
      const ProgramOutcome outcome = run(arguments);
      CHECK(outcome.code == 0);
      CHECK_THAT(outcome.out, Catch::StartsWith("usage: crosstalk " + command));
    }
  }
  const ProgramOutcome version = run({"--version"});
  CHECK(version.code == 0);
  CHECK_THAT(version.out, Catch::Matches("crosstalk [0-9]+\\.[0-9]+\\.[0-9]+ \\(commit .*, .*, .*\\)\n"));
}

TEST_CASE("no command is a usage error that shows the commands", "[harness][program]") {
  const ProgramOutcome outcome = run({});
  CHECK(outcome.code == 2);
  CHECK(outcome.out.empty());
  CHECK_THAT(outcome.err, Catch::StartsWith("usage: crosstalk COMMAND"));
}

TEST_CASE("what is no command is refused with the nearest one", "[harness][program]") {
  check_refused(
      {"rnu"}, 2,
      "unknown command 'rnu', did you mean 'run'? (there are: run list trace compare capacity gate report verify calibrate demo help)");
  check_refused({"conquer"}, 2, "unknown command 'conquer' (there are:");
  check_refused({""}, 2, "unknown command nothing");
  check_refused({"help", "lst"}, 2, "unknown command 'lst', did you mean 'list'?");
  check_refused({"help", "run", "x"}, 2, "unexpected argument 'x'");
  check_refused({"--version", "x"}, 2, "unexpected argument 'x'");
  check_refused({"--verison"}, 2, "unknown flag '--verison', did you mean '--version'?");
  check_refused({"--clients", "5", "run"}, 2, "unknown flag '--clients'; a command's flags stand behind it");
}

TEST_CASE("a hostile command line is refused in one line", "[harness][program]") {
  std::string thousands = "1";
  for (int i = 2; i <= 20'000; ++i) thousands += "," + std::to_string(i);
  check_refused({"run", "--clients", thousands}, 2, "--clients: must be at most 10000 values, got more");
  check_refused({"run", "--clients", "1e400"}, 2,
                "--clients: must be a whole number between 1 and 10000000, got '1e400'");
  check_refused({"run", "--clients", "-5"}, 2, "--clients: must be between 1 and 10000000, got -5");
  check_refused({"run", "--clients", std::string(1'000'000, '9')}, 2,
                "--clients: must be between 1 and 10000000, got '999");
  check_refused({"run", "--clients", "f\u00fcnf"}, 2,
                "--clients: must be a whole number between 1 and 10000000, got 'f\u00fcnf'");
  check_refused({"run", "--duration", "5x"}, 2, "--duration: must be a duration between 1ms and 168h");
  check_refused({"run", "--threads", "8:1"}, 2, "--threads: a range must not go down, got '8:1'");
  check_refused({"run", "--rate", "nan"}, 2, "--rate: must be a rate between");
  check_refused({"run", "\xff\xfe\x1b[31m\n"}, 2, "unexpected argument '\uFFFD\uFFFD [31m '");
  check_refused({"run", "--\xff=\n"}, 2, "unknown flag '--\uFFFD'");
  check_refused({"run", std::string(1'000'000, '-')}, 2, "unknown flag '-----");
  check_refused({std::string(1'000'000, 'x')}, 2, "unknown command 'xxxxx");
}

TEST_CASE("whatever stands on the command line, the answer is an exit code", "[harness][program]") {
  std::mt19937 random(1);
  const std::vector<std::string> words{"run",        "list",       "trace",
                                       "help",       "--clients",  "--threads",
                                       "--rate",     "--load",     "-",
                                       "--",         "=",          "",
                                       "--out",      "--describe", "1:8",
                                       "1:8:1",      "nan",        "-5",
                                       "--quiet",    "*",          "\xff",
                                       "\n",         "--locks",    "0",
                                       "--row",      "1e400",      "9999999999999999999999",
                                       "--strategy", "[",          "--format",
                                       "--plan"};
  for (int i = 0; i < 2000; ++i) {
    Arguments arguments{i % 3 == 0 ? "run" : i % 3 == 1 ? "list" : "trace"};
    // Never a whole run or a whole trace: they would measure, or write a file.
    if (arguments.front() != "list") arguments.insert(arguments.end(), {"--seed", "x"});
    for (auto left = random() % 6; left > 0; --left) arguments.push_back(words[random() % words.size()]);
    const ProgramOutcome outcome = run(arguments);
    CAPTURE(arguments);
    CHECK((outcome.code == 2 || (outcome.code == 0 && arguments.front() == "list")));
    CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == (outcome.code == 0 ? 0 : 1));
  }
}

TEST_CASE("each kind of error has its exit code", "[harness][program]") {
  const TestFolder folder;
  check_refused({"run", "--scenario", "/none.ini"}, 2, "/none.ini: cannot be opened");
  check_refused({"run", "--scenario", "tema"}, 2,
                "--scenario: unknown scenario 'tema', did you mean 'team'?");
  check_refused({"run", "--plan", folder.put("p.csv", "x\n")}, 2,
                (folder.path / "p.csv").string() + ":1: unknown column 'x'");
  check_refused({"run", "--trace", folder.put("t.csv", "")}, 2, (folder.path / "t.csv").string() + ":1: ");
  check_refused({"trace", "--scenario", "team", "--clients", "20", "--out", "/none/x"}, 7,
                "/none/x: No such file or directory");
}

TEST_CASE("list shows the strategies with what they are", "[harness][program]") {
  const ProgramOutcome outcome = run({"list", "--format", "csv"});
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  CHECK(outcome.out ==
        "strategy,algorithm,lock_bytes,fairness,remark\n"
        "null/null,,,,the harness's own cost\n"
        "reference/none,,,,one thread only\n"
        "coarse/null,nothing,1,,one thread only\n"
        "coarse/ticket,two counters,8,fifo,\n"
        "coarse/std_mutex,futex,40,none,\n"
        "sharded/null,nothing,1,,one thread only\n"
        "sharded/ticket,two counters,8,fifo,\n"
        "sharded/std_mutex,futex,40,none,\n");
  CHECK(run({"list", "--strategies", "--format", "csv"}).out == outcome.out);
  CHECK(run({"list"}, {{"CROSSTALK_FORMAT", "csv"}}).out == outcome.out);
}

TEST_CASE("list shows every lock once", "[harness][program]") {
  CHECK(
      run({"list", "--locks", "--format", "csv"}).out ==
      "lock,algorithm,bytes,fairness,waiters,shared,source\n"
      "null,nothing,1,,,no,the floor\n"
      "ticket,two counters,8,fifo,spin,no,a paper\n"
      "std_mutex,futex,40,none,park,no,a library\n"
      // Which no server can use, so that no strategy has it.
      "seq_lock,\"sequence lock, word-wise copies, writers park\",256,none,park,yes,Lameter 2005; Boehm 2012\n");
}

TEST_CASE("list shows scenarios, metrics and pools", "[harness][program]") {
  CHECK_THAT(run({"list", "--scenarios", "--format", "csv"}).out, Catch::Contains("\ncommunity,5000,150,"));
  CHECK_THAT(run({"list", "--metrics", "--format", "csv"}).out,
             Catch::Contains("\nruns.csv,strategy,text,server/mechanism,as in plan.csv,never\n") &&
                 Catch::Contains("\nlatency.csv,bucket_low_ns,"));
  CHECK_THAT(run({"list", "--pools", "--format", "csv"}).out, Catch::Contains("\ncrosstalk,"));
  check_refused({"list", "--locks", "--pools"}, 2, "--pools: cannot be combined with --locks");
  check_refused({"list", "--lock"}, 2, "unknown flag '--lock', did you mean '--locks'?");
  check_refused({"list", "--format", "xml"}, 2, "--format: must be table, markdown, csv or json, got 'xml'");
}

TEST_CASE("one broken scenario does not hide the others", "[harness][program]") {
  const TestFolder folder;
  folder.put("bad.ini", "roms = 5\n");
  folder.put("good.ini", "rooms = 5\nclients = 7\n");
  use_built_in_scenarios();
  setenv("CROSSTALK_SCENARIOS", folder.path.c_str(), 1);
  std::ostringstream out;
  std::ostringstream err;
  CHECK(run_program(fake_catalog(), {"list", "--scenarios", "--format", "csv"}, {}, {out, err}) == 2);
  CHECK_THAT(out.str(), Catch::Contains("good,7,5,"));
  CHECK_THAT(err.str(), Catch::Contains("bad.ini:1: unknown key 'roms', did you mean 'rooms'?"));
}

TEST_CASE("trace writes what it describes, and a replay of it is the same trace", "[harness][program]") {
  const TestFolder folder;
  const std::string scenario = folder.put("s.ini", "rooms = 3\nlap_operations = 1000\n");
  const Arguments base{"trace", "--scenario", scenario, "--clients", "20", "--seed", "5", "--rate", "1k"};
  const auto with = [&base](const Arguments& more) {
    Arguments all = base;
    all.insert(all.end(), more.begin(), more.end());
    return run(all);
  };
  const ProgramOutcome printed = with({});
  CHECK(printed.code == 0);
  CHECK_THAT(printed.out, Catch::StartsWith("time_ms,user,room,event,bytes"));
  CHECK_THAT(printed.err, Catch::Matches("seed 5, trace hash [0-9a-f]{16}\n"));
  const std::string file = (folder.path / "t.csv").string();
  const ProgramOutcome written = with({"--out", file, "--describe", "--format", "csv"});
  CHECK(content_of(file) == printed.out);
  CHECK_THAT(written.out,
             Catch::StartsWith("figure,value\nclients,20\nrooms,3\n") && !Catch::Contains("time_scale"));
  const ProgramOutcome replayed = run({"trace", "--trace", file, "--describe", "--format", "csv"});
  CHECK(replayed.code == 0);
  CHECK_THAT(replayed.out, Catch::Contains("\ntime_scale,1\n"));
  const auto posts = [](const std::string& text) {
    const auto start = text.find("operations_post");
    return text.substr(start, text.find('\n', start) - start);
  };
  CHECK(posts(replayed.out) == posts(written.out));
  CHECK(posts(replayed.out).size() > std::string("operations_post,").size());
}

TEST_CASE("trace refuses what it would not do", "[harness][program]") {
  const TestFolder folder;
  const std::string trace =
      folder.put("t.csv", "time_ms,user,room,event,bytes\n0,1,1,message,10\n5,1,1,message,10\n");
  check_refused({"trace", "--clients", "1,2"}, 2, "--clients: must be one value, got 2");
  check_refused({"trace", "--rate", "1k,2k"}, 2, "--rate: must be one value, got 2");
  check_refused({"trace", "--describe", "--out", "-"}, 2, "--describe: cannot be combined with --out -");
  check_refused({"trace", "--format", "csv"}, 2, "--format: needs --describe");
  check_refused({"trace", "--trace", trace, "--load", "closed"}, 2,
                "--load: cannot be combined with --trace " + trace);
  check_refused({"trace", "--trace", trace, "--rate", "5"}, 2,
                "--rate: cannot be combined with --trace " + trace);
  check_refused({"trace", "--trace", trace, "--clients", "5"}, 2,
                "--clients: cannot be combined with --trace " + trace);
  check_refused({"trace", "--time-scale", "5"}, 2, "--time-scale: needs --trace FILE");
  check_refused({"trace", "--duration", "5"}, 2, "unknown flag '--duration'");
}

TEST_CASE("a chosen seed is printed and makes the same trace again", "[harness][program]") {
  const TestFolder folder;
  const std::string scenario = folder.put("s.ini", "rooms = 3\nlap_operations = 1000\n");
  const ProgramOutcome first = run({"trace", "--scenario", scenario, "--clients", "20"});
  REQUIRE_THAT(first.err, Catch::Matches("seed [0-9]+ \\(chosen\\), trace hash [0-9a-f]{16}\n"));
  const std::string seed = first.err.substr(5, first.err.find(' ', 5) - 5);
  CHECK(run({"trace", "--scenario", scenario, "--clients", "20", "--seed", seed}).out == first.out);
}

}  // namespace
}  // namespace crosstalk::harness
