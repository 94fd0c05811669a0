// The layers of settings: scenario file, --config file, environment, command line.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "harness/command_line_test_support.h"
#include "harness/run_flags.h"
#include "harness/run_options.h"

namespace crosstalk::harness {
namespace {

std::uint32_t clients(const Arguments& arguments, const Environment& environment = {}) {
  return parsed(arguments, environment).request.clients.at(0);
}

TEST_CASE("each place outweighs the ones before it", "[harness][settings]") {
  const TestFolder folder;
  const std::string scenario = folder.put("s.ini", "name = s\nclients = 11\n");
  const std::string config = folder.put("c.ini", "scenario = " + scenario + "\nclients = 12\n");
  const std::string scenario_only = folder.put("d.ini", "scenario = " + scenario + "\n");
  CHECK(clients({"--scenario", scenario}) == 11);
  CHECK(clients({"--config", scenario_only}) == 11);
  CHECK(clients({"--config", config}) == 12);
  CHECK(clients({}, {{"CROSSTALK_CONFIG", config}}) == 12);
  CHECK(clients({"--config", config}, {{"CROSSTALK_CLIENTS", "13"}}) == 13);
  CHECK(clients({"--config", config, "--clients", "14"}, {{"CROSSTALK_CLIENTS", "13"}}) == 14);
}

TEST_CASE("an error names the place that the value comes from", "[harness][settings]") {
  const TestFolder folder;
  const std::string bound = "must be between 1 and 10000000, got 0";
  const std::string scenario = folder.put("s.ini", "name = s\n\nclients = 0\n");
  const std::string config = folder.put("c.ini", "# comment\nclients = 0  # none\n");
  CHECK(refusal({"--scenario", scenario}) == scenario + ":3: clients: " + bound);
  CHECK(refusal({"--config", config}) == config + ":2: clients: " + bound);
  CHECK(refusal({}, {{"CROSSTALK_CLIENTS", "0"}}) == "CROSSTALK_CLIENTS: " + bound);
  CHECK(refusal({"--clients", "0"}) == "--clients: " + bound);
  CHECK(refusal({"--clients=0"}) == "--clients: " + bound);
}

TEST_CASE("a setting that a later place rules out gives way, with a note", "[harness][settings]") {
  const TestFolder folder;
  const std::string config =
      folder.put("c.ini", "path = pooled\nworkers = 4\nduration = 5s\nload = closed\n");
  const RunOptions options = parsed({"--config", config, "--path", "direct", "--ops", "10", "--rate", "5k"});
  CHECK(options.request.base.workers == 0);
  CHECK(options.request.base.operations == 10);
  CHECK(options.request.base.load == LoadModel::poisson);
  for (const std::string& note : {config + ":2: workers = 4 gives way to --path direct",
                                  config + ":3: duration = 5s gives way to --ops 10",
                                  config + ":4: load = closed gives way to --rate 5k"}) {
    CHECK(std::count(options.notes.begin(), options.notes.end(), note) == 1);
  }
  CHECK(refusal({"--workers", "4"}, {{"CROSSTALK_PATH", "direct"}}) ==
        "--workers: cannot be combined with CROSSTALK_PATH=direct");
}

TEST_CASE("what a command asks for by itself outweighs the scenario and nothing else",
          "[harness][settings]") {
  const TestFolder folder;
  const std::string scenario = folder.put("s.ini", "clients = 11\nrate = 5k\n");
  const auto compare = [&scenario](const Arguments& arguments, const Environment& environment = {}) {
    RunCommand command;
    command.defaults = {{"scenario", scenario, {}},
                        {"clients", "12", {}},
                        {"load", "closed", {}},
                        {"duration", "2s", {}},
                        {"warmup", "1s", {"clients", "ops"}}};
    return parse_run(fake_catalog(), arguments, environment, command);
  };
  CHECK(compare({}).request.clients.at(0) == 12);
  CHECK(compare({}).request.base.load == LoadModel::closed);
  CHECK(compare({}, {{"CROSSTALK_CLIENTS", "13"}}).request.clients.at(0) == 13);
  const RunOptions counted = compare({"--ops", "5", "--threads", "1"});
  CHECK(counted.request.base.operations == 5);
  CHECK(compare({}).request.base.warmup_ns == 1'000'000'000);
  CHECK(compare({}, {{"CROSSTALK_CLIENTS", "13"}}).request.base.warmup_ns == 400'000'000);
  CHECK(counted.notes == std::vector<std::string>{scenario + ":2: rate = 5k gives way to --load closed"});
}

TEST_CASE("the lines of a --config file are checked", "[harness][settings]") {
  const TestFolder folder;
  const auto refused = [&](const std::string& text) {
    const std::string file = folder.put("c.ini", text);
    const std::string message = refusal({"--config", file});
    return message.substr(std::min(message.size(), file.size()));
  };
  CHECK(refused("clinets = 5\n") == ":1: unknown key 'clinets', did you mean 'clients'?");
  CHECK(refused("rooms = 5\n") == ":1: unknown key 'rooms'");  // a scenario's key, not a flag
  CHECK(refused("config = x\n") == ":1: unknown key 'config'");
  CHECK(refused("\n\n[run]\n") == ":3: must read 'key = value', got '[run]'");
  CHECK(refused("= 5\n") == ":1: must read 'key = value', got '= 5'");
  CHECK(refused("clients\n") == ":1: must read 'key = value', got 'clients'");
  CHECK(refused("clients =\n") == ":1: clients: needs a value");
  CHECK(refused("queue-policy = block\nqueue_policy = block\n") == ":2: queue_policy: stands twice");
  CHECK(refused(std::string("a\0b\n", 4)) == ":1: a NUL byte");
  CHECK(refusal({"--config", folder.path.string()}) ==
        "--config: '" + folder.path.string() + "' cannot be opened");
  CHECK(refusal({"--config", "/none"}) == "--config: '/none' cannot be opened");
  CHECK(refusal({}, {{"CROSSTALK_CONFIG", "/none"}}) == "CROSSTALK_CONFIG: '/none' cannot be opened");
}

TEST_CASE("a --config file may hold switches, a byte order mark and CRLF", "[harness][settings]") {
  const TestFolder folder;
  const std::string config = folder.put(
      "c.ini",
      "\xEF\xBB\xBFquiet = yes\r\nno-latency = on\r\nqueue_policy=reject\r\npath=pooled\r\nno_latency");
  CHECK(refusal({"--config", config}) == config + ":5: must read 'key = value', got 'no_latency'");
  const RunOptions options =
      parsed({"--config", folder.put("d.ini", "\xEF\xBB\xBFquiet = yes\r\nno_latency = on\r\n")});
  CHECK(options.quiet);
  CHECK_FALSE(options.request.base.latency);
  CHECK(refusal({"--config", folder.put("e.ini", "quiet = maybe\n")}) ==
        (folder.path / "e.ini").string() + ":1: quiet: must be true or false, got 'maybe'");
}

TEST_CASE("a scenario file may say how it is run, and nothing about files", "[harness][settings]") {
  const TestFolder folder;
  const RunOptions options =
      parsed({"--scenario", folder.put("s.ini", "rate = 5k\nqueue_policy = reject\npath = pooled\n")});
  CHECK(options.request.base.load == LoadModel::poisson);
  CHECK(options.request.base.queue_policy == pool::QueuePolicy::reject);
  for (const char* key : {"scenario", "trace", "out", "plan", "config", "quiet", "dry_run"}) {
    const std::string file = folder.put("bad.ini", std::string(key) + " = x\n");
    CHECK_THAT(refusal({"--scenario", file}), Catch::StartsWith(file + ":1: unknown key '" + key + "'"));
  }
  const std::string twice = folder.put("t.ini", "queue_policy = block\nqueue-policy = block\n");
  CHECK(refusal({"--scenario", twice}) == twice + ":2: queue-policy: stands twice");
}

TEST_CASE("unknown variables are a note, empty ones count as not set", "[harness][settings]") {
  const RunOptions options = parsed({}, {{"CROSSTALK_CLIENT", "5"},
                                         {"CROSSTALK_SCENARIOS", "/somewhere"},
                                         {"CROSSTALK_THREADS", ""},
                                         {"HOME", "/"}});
  CHECK(std::count(options.notes.begin(), options.notes.end(),
                   "unknown variable 'CROSSTALK_CLIENT', did you mean 'CROSSTALK_CLIENTS'?") == 1);
  CHECK(std::none_of(options.notes.begin(), options.notes.end(), [](const std::string& note) {
    return note.find("SCENARIOS'") != std::string::npos && note.find("CLIENT") == std::string::npos;
  }));
  CHECK(parsed({}, {{"CROSSTALK_QUEUE_POLICY", "reject"}, {"CROSSTALK_PATH", "pooled"}})
            .request.base.queue_policy == pool::QueuePolicy::reject);
}

TEST_CASE("flags are whole, known, given once and followed by their value", "[harness][settings]") {
  CHECK(refusal({"--clinets", "5"}) == "unknown flag '--clinets', did you mean '--clients'?");
  CHECK(refusal({"--client", "5"}) ==
        "unknown flag '--client', did you mean '--clients'?");  // no abbreviations
  CHECK(refusal({"--Clients", "5"}) == "unknown flag '--Clients', did you mean '--clients'?");
  CHECK(refusal({"--xyzzy=5"}) == "unknown flag '--xyzzy'");
  CHECK(refusal({"-x"}) == "unknown flag '-x'");
  CHECK(refusal({"--=5"}) == "unknown flag '--'");
  CHECK(refusal({"--clients"}) == "--clients: needs a value");
  CHECK(refusal({"--clients="}) == "--clients: needs a value");
  CHECK(refusal({"--clients", ""}) == "--clients: needs a value");
  CHECK(refusal({"--out", "--quiet"}) == "--out: needs a value");
  CHECK(refusal({"--duration", "5", "--duration", "5"}) == "--duration: given twice");
  CHECK(refusal({"--quiet", "--quiet"}) == "--quiet: given twice");
  CHECK(refusal({"team"}) == "unexpected argument 'team'");
  CHECK(refusal({""}) == "unexpected argument nothing");
  CHECK(refusal({"--quiet", "team"}) == "unexpected argument 'team'");
  CHECK(refusal({"--", "--clients", "5"}) == "unexpected argument '--clients'");
  CHECK(refusal({"--quiet=perhaps"}) == "--quiet: must be true or false, got 'perhaps'");
}

TEST_CASE("every flag is in the help, in eighty columns", "[harness][settings]") {
  const std::string help = run_help();
  for (const Flag& flag : run_flags()) CHECK_THAT(help, Catch::Contains("--" + std::string(flag.name)));
  std::size_t start = 0;
  for (std::size_t end; (end = help.find('\n', start)) != std::string::npos; start = end + 1)
    CHECK(end - start <= 80);
  CHECK(start == help.size());
}

// Every flag that is accepted does something: a value that is no value of any flag is refused by all of them.
TEST_CASE("no flag is accepted and ignored", "[harness][settings]") {
  for (const Flag& flag : run_flags()) {
    const std::string name(flag.name);
    if (name == "out" || name == "plan" || name == "live") continue;  // any text is a path
    CAPTURE(name);
    CHECK(refusal({"--" + name + "=\x01"}) != "accepted");
  }
}

}  // namespace
}  // namespace crosstalk::harness
