#include "workloads/generate.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <set>

#include "workloads/occupancy.h"
#include "workloads/test_files.h"
#include "workloads/test_laps.h"
#include "workloads/test_statistics.h"

namespace crosstalk::workloads {
namespace {

const std::vector<std::string> kBuiltIn{"team", "community", "stream", "hot_counter"};

TEST_CASE("faults leave the operations as they are", "[workloads][generate]") {
  Scenario scenario = busy();
  const Trace plain = make_trace(scenario, 3, 500, {});
  scenario.fault_throw = 0.01;
  scenario.fault_busy = 0.02;
  const Trace faulty = make_trace(scenario, 3, 500, {});
  REQUIRE(faulty.ops.size() == plain.ops.size());
  std::map<Fault, double> faults;
  std::size_t different = 0;
  for (std::size_t i = 0; i < plain.ops.size(); ++i) {
    faults[faulty.ops[i].fault] += 1;
    const bool same = plain.ops[i].kind == faulty.ops[i].kind && plain.ops[i].client == faulty.ops[i].client;
    different += same ? 0 : 1;
  }
  CHECK(different == 0);
  CHECK(faulty.hash != plain.hash);
  const auto count = static_cast<double>(plain.ops.size());
  CHECK(faults[Fault::thrown] == Approx(0.01 * count).margin(5 * std::sqrt(0.01 * count)));
  CHECK(faults[Fault::busy] == Approx(0.02 * count).margin(5 * std::sqrt(0.02 * count)));
}

TEST_CASE("a leaked disconnect is not sent, and its client returns all the same", "[workloads][generate]") {
  Scenario scenario = busy();
  scenario.fault_leak = 1;
  const auto counts = counts_of(make_trace(scenario, 3, 500, {}));
  CHECK(counts.count(OpKind::disconnect) == 0);
  CHECK(counts.at(OpKind::connect) > 0);
  scenario.fault_leak = 0.5;
  const auto half = counts_of(make_trace(scenario, 3, 500, {}));
  CHECK(half.at(OpKind::disconnect) > 0);
  CHECK(half.at(OpKind::connect) > half.at(OpKind::disconnect));
}

TEST_CASE("a lap of every scenario is valid and closed", "[workloads][generate]") {
  for (const std::string& name : kBuiltIn) {
    Scenario scenario = built_in(name);
    scenario.lap_operations = 30'000;
    for (const std::uint32_t clients : {1U, 2U, 17U, 1'000U, 40'000U}) {
      INFO(name << " with " << clients << " clients");
      check_closed(make_trace(scenario, 1, clients, {}), scenario.lap_operations);
    }
  }
}

TEST_CASE("every scenario there is makes valid laps, and those that people cite are there",
          "[workloads][generate]") {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(CROSSTALK_SOURCE_DIR "/workloads/scenarios")) {
    names.insert(entry.path().stem().string());
  }
  for (const char* name : {"team", "community", "stream", "reconnect_storm", "presence_storm",
                           "history_scroll", "file_drop", "hot_counter", "mixed"}) {
    CHECK(names.contains(name));
  }
  for (const std::string& name : names) {
    Scenario scenario = built_in(name);
    scenario.lap_operations = 30'000;
    scenario.fault_leak = 0;  // a second session is refused, on purpose
    for (const ArrivalLaw law : {ArrivalLaw::closed, ArrivalLaw::hawkes}) {
      INFO(name << ", law " << static_cast<int>(law));
      check_closed(make_trace(scenario, 1, 1'000, {law, 20'000}), scenario.lap_operations);
    }
  }
}

TEST_CASE("a mixed load has every kind that clients can do", "[workloads][generate]") {
  const auto counts = counts_of(make_trace(built_in("mixed"), 1, 5'000, {}));
  for (std::size_t kind = 0; kind < kOpKindCount; ++kind) {
    const auto it = static_cast<OpKind>(kind);
    if (it != OpKind::receive && it != OpKind::persist) CHECK(counts.contains(it));
  }
}

TEST_CASE("in a presence storm messages are the smallest part", "[workloads][generate]") {
  auto counts = counts_of(make_trace(built_in("presence_storm"), 1, 5'000, {}));
  CHECK(counts[OpKind::presence] > 30 * counts[OpKind::post]);
  CHECK(counts[OpKind::connect] + counts[OpKind::disconnect] > 5 * counts[OpKind::post]);
}

TEST_CASE("in a reconnect storm two in five are gone at once", "[workloads][generate]") {
  const Trace trace = make_trace(built_in("reconnect_storm"), 1, 5'000, {ArrivalLaw::poisson, 2'097});
  CHECK(trace.lap_ns == Approx(250e9).epsilon(1e-3));
  const double begin = 0.1 * trace.lap_ns;
  const auto within = [&](OpKind kind, double from_s, double to_s) {
    return std::count_if(trace.ops.begin(), trace.ops.end(), [&](const Op& op) {
      return op.kind == kind && op.intended_ns >= begin + from_s * 1e9 && op.intended_ns < begin + to_s * 1e9;
    });
  };
  // Some were away already, some others go on their own.
  CHECK(within(OpKind::disconnect, 0, 1.01) >= 1'950);
  CHECK(within(OpKind::disconnect, 0, 1.01) <= 2'050);
  CHECK(within(OpKind::connect, 60.9, 114.6) >= 1'950);
}

TEST_CASE("a lap is closed under heavy coming and going", "[workloads][generate]") {
  for (const double away : {0.0001, 0.3, 0.9}) {
    for (const double disconnects : {0.0, 0.5, 1.0}) {
      Scenario scenario = busy();
      scenario.churn = 5;
      scenario.move = 5;
      scenario.away_share = away;
      scenario.disconnect_share = disconnects;
      for (const std::uint32_t clients : {1U, 2U, 50U, 30'000U}) {
        INFO("away " << away << " disconnects " << disconnects << " clients " << clients);
        check_closed(make_trace(scenario, 9, clients, {}), scenario.lap_operations);
      }
    }
  }
}

TEST_CASE("a scenario of comings and goings alone ends, too", "[workloads][generate]") {
  Scenario scenario;
  scenario.post = 0;
  scenario.lap_operations = 5'000;
  check_closed(make_trace(scenario, 1, 100, {}), scenario.lap_operations);
  scenario.churn = 0;
  scenario.move = 1;
  check_closed(make_trace(scenario, 1, 100, {}), scenario.lap_operations);
}

TEST_CASE("nobody is away for longer than the scenario allows", "[workloads][generate]") {
  Scenario scenario = busy();
  scenario.away_share = 0.05;
  const Trace trace = make_trace(scenario, 1, 1'000, {});
  Occupancy now(trace);
  std::size_t members = trace.members.size();
  std::size_t fewest = members;
  std::uint32_t away = 0;
  std::uint32_t most = 0;
  for (const Op& op : trace.ops) {
    now.apply(op);
    if (op.kind == OpKind::leave || op.kind == OpKind::kick) --members;
    if (op.kind == OpKind::disconnect) ++away;
    if (op.kind == OpKind::connect) --away;
    fewest = std::min(fewest, members);
    most = std::max(most, away);
  }
  CHECK(most > 0);
  CHECK(most <= 50);
  CHECK(fewest < trace.members.size());
}

TEST_CASE("weights are what happens, whatever has to come before an operation", "[workloads][generate]") {
  for (const std::uint32_t clients : {5U, 300U, 5'000U}) {
    for (Scenario scenario : {busy(), built_in("community"), built_in("team"), built_in("stream")}) {
      scenario.lap_operations = 100'000;
      INFO(scenario.name << " with " << clients << " clients");
      auto counts = counts_of(make_trace(scenario, 1, clients, {}));
      const double unit = counts[OpKind::post] / scenario.post;
      // Five standard deviations, and what the ends of the lap cost.
      const auto near = [&](double count, double weight, double slack) {
        return std::abs(count - weight * unit) <= 5 * std::sqrt(weight * unit * (1 + weight)) + slack;
      };
      const double ends = 2 + 2 * scenario.away_share * clients;
      const double leaves = counts[OpKind::leave] + counts[OpKind::kick];
      CHECK(near(2 * (leaves + counts[OpKind::disconnect]), scenario.churn, ends));
      CHECK(near(counts[OpKind::move], scenario.move, ends));
      CHECK(near(counts[OpKind::direct], scenario.direct, 0));
      CHECK(near(counts[OpKind::history], scenario.history, 0));
      CHECK(near(counts[OpKind::who], scenario.who, 0));
      CHECK(near(counts[OpKind::presence], scenario.presence, 0));
      CHECK(near(counts[OpKind::mark], scenario.mark, 0));
      const double leaving = leaves + counts[OpKind::disconnect];
      CHECK(counts[OpKind::disconnect] ==
            Approx(leaving * scenario.disconnect_share).margin(5 * std::sqrt(leaving)));
      // In rooms of one there is nobody to kick.
      CHECK(counts[OpKind::kick] <= leaves * scenario.kick_share + 5 * std::sqrt(leaves));
      if (clients > 1'000) CHECK(counts[OpKind::kick] >= leaves * scenario.kick_share * 0.8);
    }
  }
}

TEST_CASE("what a population cannot do is left out", "[workloads][generate]") {
  const auto alone = counts_of(make_trace(busy(), 1, 1, {}));
  CHECK(alone.count(OpKind::direct) == 0);
  CHECK(alone.count(OpKind::post) == 1);
  Scenario direct_only;
  direct_only.post = direct_only.churn = 0;
  direct_only.direct = 1;
  CHECK_THROWS_WITH(make_trace(direct_only, 1, 1, {}), Catch::Contains("no operation that 1 clients can do"));
  CHECK(counts_of(make_trace(direct_only, 1, 2, {})).size() == 1);
  Scenario full;  // everybody is in every room: nobody can move
  full.rooms = 2;
  full.membership_exponent = 0;
  full.rooms_per_client = {0, 1};
  full.post = full.churn = 0;
  full.move = 1;
  CHECK_THROWS_WITH(make_trace(full, 1, 10, {}), Catch::Contains("no operation"));
}

TEST_CASE("messages go to rooms by popularity and have lengths of the law", "[workloads][generate]") {
  Scenario scenario = built_in("community");
  scenario.rooms_per_client = {1};
  scenario.membership_exponent = 0.5;  // so that every room has a speaker
  const Trace trace = make_trace(scenario, 1, 50'000, {});
  std::vector<double> counts(scenario.rooms);
  std::vector<double> theory;
  std::vector<double> lengths;
  double sum = 0;
  for (const Op& op : trace.ops) {
    if (op.kind != OpKind::post) continue;
    counts[op.room] += 1;
    lengths.push_back(op.bytes);
  }
  for (std::uint32_t k = 1; k <= scenario.rooms; ++k) {
    theory.push_back(std::pow(k, -scenario.room_exponent));
    sum += theory.back();
  }
  for (double& p : theory) p /= sum;
  CHECK(chi_square_deviate(counts, theory) < 3.1);
  std::vector<double> below(4);
  std::vector<double> expected(4);
  const std::vector<double> edges{1, 20, 60, 200, 1e9};  // whole bytes are the law's values rounded down
  const auto law = [&](double x) {
    return 1 - std::exp(-std::pow(x / scenario.length_b, scenario.length_a));
  };
  for (std::size_t i = 0; i < 4; ++i) {
    expected[i] = (i == 3 ? 1 : law(edges[i + 1])) - (i == 0 ? 0 : law(edges[i]));
    for (const double length : lengths) below[i] += length >= edges[i] && length < edges[i + 1] ? 1 : 0;
  }
  CHECK(chi_square_deviate(below, expected) < 3.1);
}

TEST_CASE("lengths stay within 1 and the cap, however extreme the law", "[workloads][generate]") {
  for (const LengthLaw law : {LengthLaw::constant, LengthLaw::weibull, LengthLaw::lognormal}) {
    for (const double a : {1e-6, 1.0, 1e6}) {
      for (const double b : {0.0, 1.0, 1e6}) {
        Scenario scenario;
        scenario.length_law = law;
        scenario.length_a = a;
        scenario.length_b = b;
        scenario.lap_operations = 2'000;
        for (const Op& op : make_trace(scenario, 1, 20, {}).ops) {
          if (op.kind != OpKind::post) continue;
          REQUIRE(op.bytes >= 1);
          REQUIRE(op.bytes <= scenario.length_cap);
        }
      }
    }
  }
}

TEST_CASE("two clients do not do the same", "[workloads][generate]") {
  const Trace trace = make_trace(busy(), 1, 20, {});
  std::map<std::uint32_t, std::vector<std::uint32_t>> lengths;
  for (const Op& op : trace.ops) {
    if (op.kind == OpKind::post) lengths[op.client].push_back(op.bytes);
  }
  REQUIRE(lengths.size() > 1);
  for (const auto& [a, of_a] : lengths) {
    REQUIRE(of_a.size() > 100);
    for (const auto& [b, of_b] : lengths) {
      if (a < b)
        CHECK(std::vector(of_a.begin(), of_a.begin() + 100) != std::vector(of_b.begin(), of_b.begin() + 100));
    }
  }
}

TEST_CASE("a conversation stays in its room", "[workloads][generate]") {
  Scenario scenario = built_in("community");
  scenario.hawkes_branching = 0.9;
  scenario.hawkes_decay_s = 10;
  scenario.hawkes_rate = 0.01;  // so that conversations seldom overlap
  const auto same_room = [&](ArrivalLaw law) {
    double same = 0;
    double posts = 0;
    std::uint32_t before = 0;
    for (const Op& op : make_trace(scenario, 1, 5'000, {law, 1'000}).ops) {
      if (op.kind != OpKind::post) continue;
      same += op.room == before ? 1 : 0;
      posts += 1;
      before = op.room;
    }
    return same / posts;
  };
  CHECK(same_room(ArrivalLaw::poisson) < 0.2);
  CHECK(same_room(ArrivalLaw::hawkes) > 0.7);
}

TEST_CASE("rooms keep their shares under hawkes arrivals", "[workloads][generate]") {
  Scenario scenario = built_in("community");
  scenario.rooms_per_client = {1};
  scenario.membership_exponent = 0.5;  // so that every room has a speaker
  scenario.hawkes_branching = 0.5;  // a variance four times as large, so that a few rooms can be told apart
  std::vector<double> shares(3);
  double posts = 0;
  for (const Op& op : make_trace(scenario, 1, 50'000, {ArrivalLaw::hawkes, 1'000}).ops) {
    if (op.kind != OpKind::post) continue;
    posts += 1;
    if (op.room < shares.size()) shares[op.room] += 1;
  }
  double sum = 0;
  for (std::uint32_t k = 1; k <= scenario.rooms; ++k) sum += std::pow(k, -scenario.room_exponent);
  for (std::size_t k = 0; k < shares.size(); ++k) {
    const double theory = std::pow(k + 1, -scenario.room_exponent) / sum;
    CHECK(std::abs(shares[k] / posts - theory) < 4 * std::sqrt(4 * theory / posts));
  }
}

TEST_CASE("another seed makes another trace, the same seed the same", "[workloads][generate]") {
  CHECK(make_trace(busy(), 1, 100, {}).hash == make_trace(busy(), 1, 100, {}).hash);
  CHECK(make_trace(busy(), 1, 100, {}).hash != make_trace(busy(), 2, 100, {}).hash);
}

// These must hold with every compiler, at every optimisation, on every machine: results of different builds
// are compared by them. Whoever changes how traces are made changes them here and says so in the change log.
TEST_CASE("the traces of the named scenarios never change", "[workloads][generate]") {
  struct Golden {
    const char* scenario;
    std::uint64_t closed;
    std::uint64_t poisson;
    std::uint64_t hawkes;
  };
  for (const Golden& golden :
       {Golden{"team", 0x85e46fb6598cbc5a, 0xbfa27fd1203f6b7a, 0xf43d12dfe18462c7},
        Golden{"community", 0x9edf975978939313, 0x56eca335d7f15bc5, 0x008ad099edb9e901},
        Golden{"stream", 0x39bc7e0535ddb775, 0x3f74fcf190aa3e3b, 0xf2c21076b3fc9a25},
        Golden{"hot_counter", 0xe6c53545149a7367, 0x80ec083e672d189a, 0x6a1fee597e00c520}}) {
    INFO(golden.scenario);
    const Scenario scenario = built_in(golden.scenario);
    CHECK(make_trace(scenario, 42, 1'000, {}).hash == golden.closed);
    CHECK(make_trace(scenario, 42, 1'000, {ArrivalLaw::poisson, 20'000}).hash == golden.poisson);
    CHECK(make_trace(scenario, 42, 1'000, {ArrivalLaw::hawkes, 20'000}).hash == golden.hawkes);
  }
}

TEST_CASE("impossible requests are refused with bound and value", "[workloads][generate]") {
  CHECK_THROWS_WITH(make_trace(busy(), 1, 0, {}), "clients: must be at least 1, got 0");
  for (const auto& [rate, text] : {std::pair{0.0, "0"}, std::pair{-1.0, "-1"}, std::pair{2e9, "2e+09"},
                                   std::pair{std::numeric_limits<double>::quiet_NaN(), "nan"}}) {
    CHECK_THROWS_WITH(make_trace(busy(), 1, 1, {ArrivalLaw::poisson, rate}),
                      std::string("rate: must be between 0.001 and 1e9 operations a second, got ") + text);
  }
  Scenario scenario = busy();
  scenario.silent_share = 1;
  CHECK_THROWS_AS(make_trace(scenario, 1, 1, {}), InputError);
}

}  // namespace
}  // namespace crosstalk::workloads
