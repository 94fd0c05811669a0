#include "workloads/scenario.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>

#include "workloads/test_files.h"

namespace crosstalk::workloads {
namespace {

ScenarioFile load(const std::string& text) {
  const TemporaryFolder folder;
  return load_scenario(folder.put("my.ini", text), {"clients", "counter"});
}

// What is said about a file, without its path.
std::string problem(const std::string& text) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.put("my.ini", text);
  try {
    static_cast<void>(load_scenario(file, {"clients", "counter"}));
  } catch (const InputError& error) {
    const std::string message = error.what();
    REQUIRE(message.rfind(file.string() + ":", 0) == 0);
    return message.substr(file.string().size() + 1);
  }
  return "accepted";
}

TEST_CASE("a scenario file sets what it names and keeps the rest", "[workloads][scenario]") {
  const ScenarioFile file = load(
      "# a comment\n\nrooms = 7\nrooms_per_client = 0.5, 0.25\nlength_law=lognormal\n"
      "description = all of it # and no more\nchurn = 1e-1\n");
  CHECK(file.scenario.name == "my");
  CHECK(file.scenario.description == "all of it");
  CHECK(file.scenario.rooms == 7);
  CHECK(file.scenario.rooms_per_client == std::vector<double>{0.5, 0.25});
  CHECK(file.scenario.length_law == LengthLaw::lognormal);
  CHECK(file.scenario.churn == 0.1);
  CHECK(file.scenario.room_exponent == Scenario().room_exponent);
  CHECK(file.settings.empty());
}

TEST_CASE("keys of the program are handed on with their line", "[workloads][scenario]") {
  const ScenarioFile file = load("clients = 10\nrooms = 2\ncounter = striped\n");
  REQUIRE(file.settings.size() == 2);
  CHECK(file.settings[0].key == "clients");
  CHECK(file.settings[0].value == "10");
  CHECK(file.settings[1].value == "striped");
  CHECK(file.settings[1].line == 3);
}

TEST_CASE("CRLF and a UTF-8 BOM are accepted", "[workloads][scenario]") {
  const ScenarioFile file = load("\xEF\xBB\xBFname = x y\r\nrooms = 3\r\n");
  CHECK(file.scenario.name == "x y");
  CHECK(file.scenario.rooms == 3);
}

TEST_CASE("every key's bound is told with file, line and value", "[workloads][scenario]") {
  const std::string share = "must be between 0 and 1, got ";
  const std::string weight = "must be between 0 and 1000000, got ";
  const std::map<std::string, std::pair<std::string, std::string>> bad{
      {"name", {"", "must not be empty"}},
      {"rooms", {"0", "must be between 1 and 10000000, got 0"}},
      {"room_exponent", {"-1", "must be between 0 and 10, got -1"}},
      {"room_offset", {"1e7", "must be between 0 and 1000000, got 1e7"}},
      {"membership_exponent", {"10.1", "must be between 0 and 10, got 10.1"}},
      {"rooms_per_client",
       {"0.9,0.2", "must be 1 to 64 shares whose sum is above 0 and at most 1, got 0.9,0.2"}},
      {"user_exponent", {"steep", "must be between 0 and 10, got steep"}},
      {"user_offset", {"-0.5", "must be between 0 and 1000000, got -0.5"}},
      {"silent_share", {"1.5", share + "1.5"}},
      {"length_law", {"pareto", "must be constant, weibull or lognormal, got pareto"}},
      {"length_a", {"nan", weight + "nan"}},
      {"length_b", {"inf", weight + "inf"}},
      {"length_cap", {"1048577", "must be between 1 and 1048576, got 1048577"}},
      {"post", {"-1", weight + "-1"}},
      {"churn", {"", weight + "nothing"}},
      {"disconnect_share", {"2", share + "2"}},
      {"kick_share", {"-0.1", share + "-0.1"}},
      {"upload", {"-1", weight + "-1"}},
      {"upload_bytes", {"0", "must be between 1 and 16777216, got 0"}},
      {"hawkes_branching", {"1", "must be between 0 and 0.99, got 1"}},
      {"hawkes_decay_s", {"0", "must be between 0.001 and 1000000, got 0"}},
      {"hawkes_slow_sd", {"-1", "must be between 0 and 3, got -1"}},
      {"hawkes_rate", {"0", "must be between 1e-06 and 1000000000, got 0"}},
      {"herd_share", {"1.1", share + "1.1"}},
      {"herd_gone", {"0.9", "must be between 0 and 0.8, got 0.9"}},
      {"herd_away", {"-1", "must be between 0 and 0.8, got -1"}},
      {"herd_back", {"x", "must be between 0 and 0.8, got x"}},
      {"fault_throw", {"1.1", share + "1.1"}},
      {"fault_busy", {"x", share + "x"}},
      {"fault_leak", {"-1", share + "-1"}},
      {"move", {"1e7", weight + "1e7"}},
      {"direct", {"1,5", weight + "1,5"}},
      {"history", {"0x10", weight + "0x10"}},
      {"who", {"1 2", weight + "1 2"}},
      {"presence", {"+1", weight + "+1"}},
      {"mark", {"1e999", weight + "1e999"}},
      {"away_share", {"0.91", "must be between 0 and 0.9, got 0.91"}},
      {"history_messages", {"100001", "must be between 1 and 100000, got 100001"}},
      {"lap_operations", {"999", "must be between 1000 and 4194304, got 999"}},
  };
  for (const ScenarioKey& key : scenario_keys()) {
    const std::string name(key.name);
    CHECK_FALSE(key.help.empty());
    if (name == "description") continue;  // any text will do
    INFO(name);
    REQUIRE(bad.contains(name));
    const auto& [value, text] = bad.at(name);
    CHECK(problem("# one\n\n" + name + " = " + value + "\n") == "3: " + name + ": " + text);
  }
}

TEST_CASE("numbers must be whole where they count something", "[workloads][scenario]") {
  CHECK(problem("rooms = 1.5\n") == "1: rooms: must be between 1 and 10000000, got 1.5");
  CHECK(problem("rooms = -3\n") == "1: rooms: must be between 1 and 10000000, got -3");
  CHECK(problem("rooms = 4294967297\n") == "1: rooms: must be between 1 and 10000000, got 4294967297");
  CHECK(problem("rooms =\n") == "1: rooms: must be between 1 and 10000000, got nothing");
}

TEST_CASE("shares are refused one by one and in sum", "[workloads][scenario]") {
  CHECK(problem("rooms_per_client = 0.5,x\n") == "1: rooms_per_client: must be between 0 and 1, got x");
  CHECK(problem("rooms_per_client = 0.5,,0.1\n") ==
        "1: rooms_per_client: must be between 0 and 1, got nothing");
  const std::string sum =
      "1: rooms_per_client: must be 1 to 64 shares whose sum is above 0 and at most 1, got ";
  CHECK(problem("rooms_per_client = 0.5,\n") == sum + "0.5,");
  CHECK(problem("rooms_per_client = 0,0\n") == sum + "0,0");
  CHECK(problem("rooms_per_client =\n") == sum + "nothing");
}

TEST_CASE("an unknown key is refused with the nearest one", "[workloads][scenario]") {
  CHECK(problem("rooms = 3\nchurm = 1\n") == "2: unknown key 'churm', did you mean 'churn'?");
  CHECK(problem("client = 1\n") == "1: unknown key 'client', did you mean 'clients'?");
  CHECK(problem("xyzzyxyzzy = 1\n") == "1: unknown key 'xyzzyxyzzy'");
}

TEST_CASE("a key that stands twice is refused", "[workloads][scenario]") {
  CHECK(problem("rooms = 3\nchurn = 1\nrooms = 3\n") == "3: key 'rooms' stands twice");
  CHECK(problem("clients = 3\nclients = 4\n") == "2: key 'clients' stands twice");
}

TEST_CASE("lines that are no setting are refused", "[workloads][scenario]") {
  CHECK(problem("rooms = 1\nrooms\n") == "2: must read 'key = value', got 'rooms'");
  CHECK(problem("[section]\nrooms = 1\n") == "1: sections are not known here");
  CHECK(problem("= 3\n") != "accepted");
  CHECK(problem(std::string("rooms = 1\nro\0oms", 16)) == "2: a NUL byte (is the file UTF-16?)");
  CHECK(problem(std::string(20'000'000, 'x')) == "1: the line is longer than 10000 bytes");
  CHECK(problem(std::string(100, 'x')) ==
        "1: must read 'key = value', got '" + std::string(60, 'x') + "...'");
}

// Found by the fuzz target: the refusal was two lines, of which a terminal shows the second one over the first.
TEST_CASE("a refusal is one short line, whatever the value holds", "[workloads][scenario]") {
  CHECK(problem("churn = 1\r\nrooms = 3\r*\nchurn = 2\n") == "2: a carriage return within the line");
  CHECK(problem("rooms = 3\x1B[1m\n") == "1: rooms: must be between 1 and 10000000, got 3?[1m");
  CHECK(problem("ro\x01oms = 3\n").starts_with("1: unknown key 'ro?oms'"));
  CHECK(problem("length_law = " + std::string(500, 'x') + "\n") ==
        "1: length_law: must be constant, weibull or lognormal, got " + std::string(60, 'x') + "...");
}

TEST_CASE("keys are set from one line of text too", "[workloads][scenario]") {
  Scenario scenario;
  set_keys(scenario, "rooms=64, churn = 0.1,rooms_per_client=0.75,0.25,length_law=constant");
  CHECK(scenario.rooms == 64);
  CHECK(scenario.churn == 0.1);
  CHECK(scenario.rooms_per_client == std::vector<double>{0.75, 0.25});
  CHECK(scenario.length_law == LengthLaw::constant);
  CHECK(scenario.who == Scenario().who);
}

TEST_CASE("a key that cannot be set is refused with key, bound and value", "[workloads][scenario]") {
  const auto problem_of = [](const std::string& text) {
    Scenario scenario;
    try {
      set_keys(scenario, text);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(problem_of("churn=0.1,rooms=0") == "rooms: must be between 1 and 10000000, got 0");
  CHECK(problem_of("rooms=") == "rooms: must be between 1 and 10000000, got nothing");
  CHECK(problem_of("room=3") == "unknown key 'room', did you mean 'rooms'?");
  CHECK(problem_of("rooms=3,rooms=4") == "key 'rooms' stands twice");
  CHECK(problem_of("rooms") == "must read key=value, got 'rooms'");
  CHECK(problem_of("") == "must read key=value, got nothing");
}

TEST_CASE("settings that contradict each other are refused", "[workloads][scenario]") {
  CHECK(problem("post = 0\nchurn = 0\n") ==
        " the weights of all operations are 0; at least one must be positive");
  CHECK(problem("silent_share = 1\n") ==
        " silent_share: must be below 1 where post or direct is above 0, got 1");
  CHECK(problem("post = 0\ndirect = 1\nsilent_share = 1\n") ==
        " silent_share: must be below 1 where post or direct is above 0, got 1");
  CHECK(problem("away_share = 0\n") == " away_share: must be above 0 where churn or move is above 0, got 0");
  CHECK(problem("away_share = 0\nchurn = 0\n") == "accepted");
  CHECK(problem("rooms = 1\nmove = 1\n") == " rooms: must be at least 2 where move is above 0, got 1");
  CHECK(problem("length_a = 0\n") == " length_a: must be above 0 for weibull, got 0");
  CHECK(problem("length_a = 0\nlength_law = lognormal\n") == "accepted");
}

TEST_CASE("a file that is not there or is a folder is refused by name", "[workloads][scenario]") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(load_scenario(folder.path() / "none.ini", {}),
                    (folder.path() / "none.ini").string() + ": cannot be opened");
  CHECK_THROWS_WITH(load_scenario(folder.path(), {}), folder.path().string() + ": cannot be opened");
}

TEST_CASE("scenarios are found by name, and a wrong name lists those there are", "[workloads][scenario]") {
  for (const char* name : {"team", "community", "stream", "hot_counter"}) {
    const ScenarioFile file = load_scenario(find_scenario(name), {"clients", "counter"});
    CHECK(file.scenario.name == name);
    CHECK_FALSE(file.scenario.description.empty());
  }
  CHECK_THROWS_WITH(find_scenario("comunity"),
                    Catch::StartsWith("unknown scenario 'comunity', did you mean 'community'? (there are:") &&
                        Catch::Contains(" hot_counter") && Catch::Contains(" team"));
}

TEST_CASE("a path is taken as it is, and a folder of one's own comes first", "[workloads][scenario]") {
  const TemporaryFolder folder;
  static_cast<void>(folder.put("team.ini", "rooms = 5\n"));
  static_cast<void>(folder.put("mine.ini", "rooms = 6\n"));
  CHECK(find_scenario("a/b") == "a/b");
  CHECK(find_scenario("mine.ini") == "mine.ini");
  REQUIRE(setenv("CROSSTALK_SCENARIOS", folder.path().c_str(), 1) == 0);
  CHECK(find_scenario("team") == folder.path() / "team.ini");
  CHECK(find_scenario("mine") == folder.path() / "mine.ini");
  const auto names = scenario_names();
  CHECK(std::count(names.begin(), names.end(), "mine") == 1);
  CHECK(std::count(names.begin(), names.end(), "team") == 1);
  CHECK(std::count(names.begin(), names.end(), "community") == 1);
  unsetenv("CROSSTALK_SCENARIOS");
}

}  // namespace
}  // namespace crosstalk::workloads
