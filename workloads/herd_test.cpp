#include "workloads/herd.h"

#include <catch2/catch.hpp>
#include <set>

#include "workloads/test_laps.h"

namespace crosstalk::workloads {
namespace {

// Two in five of a community, gone in 4 % of the lap, away for 20 %, back in 8 %.
Scenario storm() {
  Scenario scenario = busy();
  scenario.lap_operations = 40'000;
  scenario.herd_share = 0.4;
  scenario.herd_gone = 0.04;
  scenario.herd_away = 0.2;
  scenario.herd_back = 0.08;
  return scenario;
}

TEST_CASE("a lap with a herd is valid and closed", "[workloads][herd]") {
  for (const double share : {0.001, 0.4, 0.9, 1.0}) {
    for (const double part : {0.0, 0.01, 0.26}) {
      for (const ArrivalLaw law : {ArrivalLaw::closed, ArrivalLaw::poisson, ArrivalLaw::hawkes}) {
        for (const std::uint32_t clients : {1U, 2U, 17U, 3'000U}) {
          Scenario scenario = storm();
          scenario.herd_share = share;
          scenario.herd_gone = scenario.herd_away = scenario.herd_back = part;
          INFO(share << " of " << clients << ", parts " << part << ", law " << static_cast<int>(law));
          check_closed(make_trace(scenario, 5, clients, {law, 1'000}), scenario.lap_operations);
        }
      }
    }
  }
}

TEST_CASE("the herd goes, stays away and comes back when it should", "[workloads][herd]") {
  const std::uint32_t clients = 2'000;
  for (const ArrivalLaw law : {ArrivalLaw::constant, ArrivalLaw::poisson, ArrivalLaw::hawkes}) {
    INFO(static_cast<int>(law));
    Scenario scenario = storm();
    scenario.churn = scenario.move = 0;  // whoever goes is of the herd
    const Trace trace = make_trace(scenario, 3, clients, {law, 10'000});
    std::set<std::uint32_t> gone;
    std::size_t most = 0;
    double lost = 0;
    double returned = 0;
    for (const Op& op : trace.ops) {
      const double time = op.intended_ns / trace.lap_ns;
      if (op.kind == OpKind::disconnect) {
        CHECK((time >= 0.1 - 1e-3 && time <= 0.14 + 1e-3));
        lost += 1;
        gone.insert(op.client);
      } else if (op.kind == OpKind::connect) {
        CHECK((time >= 0.34 - 1e-3 && time <= 0.42 + 1e-3));
        returned += 1;
        gone.erase(op.client);
      } else {
        REQUIRE_FALSE(gone.contains(op.client));
        if (op.kind == OpKind::direct) REQUIRE_FALSE(gone.contains(op.target));
      }
      most = std::max(most, gone.size());
    }
    CHECK(most == 800);
    CHECK(lost == 800);
    CHECK(returned == 800);
  }
}

TEST_CASE("a herd goes and returns evenly, on top of the other operations", "[workloads][herd]") {
  Scenario scenario = storm();
  scenario.churn = scenario.move = 0;
  const Trace trace = make_trace(scenario, 3, 2'000, {ArrivalLaw::constant, 10'000});
  std::vector<double> lost(4);
  std::vector<double> back(4);
  std::vector<double> others(10);
  for (const Op& op : trace.ops) {
    const double time = op.intended_ns / trace.lap_ns;
    if (op.kind == OpKind::disconnect) lost.at(static_cast<std::size_t>((time - 0.1 + 1e-6) / 0.0101)) += 1;
    if (op.kind == OpKind::connect) back.at(static_cast<std::size_t>((time - 0.34 + 1e-6) / 0.0201)) += 1;
    const bool of_herd =
        op.kind == OpKind::disconnect || op.kind == OpKind::connect || op.kind == OpKind::join;
    if (!of_herd) others.at(static_cast<std::size_t>(time * 10)) += 1;
  }
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(lost[i] == Approx(200).margin(15));
    CHECK(back[i] == Approx(200).margin(15));
  }
  double sum = 0;
  for (const double count : others) sum += count;
  // The rest of the lap does not notice but for its own beginning and end.
  for (const double count : others) CHECK(count == Approx(sum / 10).epsilon(0.03));
}

TEST_CASE("a herd without a length goes in one instant", "[workloads][herd]") {
  Scenario scenario = storm();
  scenario.churn = scenario.move = 0;
  scenario.herd_gone = scenario.herd_back = 0;
  const Trace trace = make_trace(scenario, 3, 2'000, {ArrivalLaw::constant, 10'000});
  for (const Op& op : trace.ops) {
    if (op.kind == OpKind::disconnect) CHECK(op.intended_ns == Approx(0.1 * trace.lap_ns).epsilon(1e-3));
    if (op.kind == OpKind::connect) CHECK(op.intended_ns == Approx(0.3 * trace.lap_ns).epsilon(1e-3));
  }
}

TEST_CASE("without a herd it is nobody's turn", "[workloads][herd]") {
  const Scenario scenario = busy();
  const Population population(scenario, 1, 100);
  Herd herd(scenario, 1, population);
  CHECK(herd.owed() == 0);
  CHECK(herd.turn(15'000) == Herd::Turn::nobody);
  CHECK_FALSE(herd.skip());
  CHECK(herd.knots().empty());
}

TEST_CASE("turns follow the lap's other operations", "[workloads][herd]") {
  Scenario scenario = storm();
  scenario.lap_operations = 10'000;
  scenario.rooms_per_client = {1};
  const Population population(scenario, 1, 100);
  Herd herd(scenario, 1, population);  // 40 sessions, three operations each
  REQUIRE(herd.owed() == 120);
  std::set<std::uint32_t> gone;
  std::size_t operations = 0;
  std::vector<std::size_t> others_at;  // how many others were done at each turn
  for (std::size_t others = 0; others < 9'880; ++others, ++operations) {
    for (Herd::Turn turn = herd.turn(operations); turn != Herd::Turn::nobody; turn = herd.turn(operations)) {
      others_at.push_back(others);
      if (turn == Herd::Turn::goes) {
        const std::uint32_t client = herd.take_going();
        CHECK(gone.insert(client).second);
        herd.add_gone(client);
        herd.made(1);
        operations += 1;
      } else {
        CHECK(gone.erase(herd.take_returning()) == 1);
        herd.made(2);
        operations += 2;
      }
    }
  }
  CHECK(gone.empty());
  CHECK(herd.owed() == 0);
  REQUIRE(others_at.size() == 80);
  for (std::size_t i = 0; i < 40; ++i) {
    const auto turn = static_cast<double>(i);
    CHECK(static_cast<double>(others_at[i]) == Approx(9'880 * (0.1 + 0.04 * turn / 40)).margin(1.5));
    CHECK(static_cast<double>(others_at[40 + i]) == Approx(9'880 * (0.34 + 0.08 * turn / 40)).margin(1.5));
  }
  REQUIRE(herd.knots().size() == 4);
  CHECK(herd.knots()[1].time == Approx(0.14));
  CHECK(herd.knots()[1].index == Approx(9'880 * 0.14 + 40).margin(2));
}

TEST_CASE("herds that cannot be are refused with bound and value", "[workloads][herd]") {
  Scenario scenario = storm();
  scenario.rooms_per_client = {1};
  scenario.lap_operations = 1'000;
  CHECK_THROWS_WITH(
      make_trace(scenario, 1, 1'000, {}),
      "herd_share: 400 sessions go and return in 1200 operations, which must be at most half of "
      "lap_operations, got 1000; raise it, or lower --clients");
  scenario.herd_away = 0.7;
  CHECK_THROWS_WITH(make_trace(scenario, 1, 10, {}),
                    "herd_gone + herd_away + herd_back: must be at most 0.8 of the lap together");
}

}  // namespace
}  // namespace crosstalk::workloads
