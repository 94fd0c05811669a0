#include "harness/gate/gate_replay.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "harness/gate/gate_pace.h"
#include "workloads/random.h"

namespace crosstalk::harness::gate {
namespace {

// Pairs of which every block is off by `deviation`, all metrics alike; each pair takes a second.
std::vector<reports::RecordedPair> noisy_pairs(double deviation, std::size_t count = 100) {
  workloads::RandomStream random(3, workloads::Purpose::plan);
  std::vector<reports::RecordedPair> pairs;
  for (std::size_t i = 0; i < count; ++i) {
    for (const Contest& contest : gating_contests()) {
      reports::RecordedPair pair{.scenario = contest.name, .seconds = 1};
      for (auto* side : {&pair.base, &pair.head}) {
        const double slow = std::exp(deviation * random.normal());
        *side = {100 / slow, 100 * slow, 100 * slow, 100 * slow, 100 * slow};
      }
      pairs.push_back(pair);
    }
  }
  return pairs;
}

const ReplayEffect kNothing{};
const ReplayEffect kTenPerCentOfFirst{.share = 0.1, .slowed = {0}};

TEST_CASE("on quiet pairs a replayed gate finds all unchanged at its first look", "[gate]") {
  const Recording recording(noisy_pairs(0.005), gating_contests());
  const ReplayEnd end = replay_gate(recording, {}, kNothing, 1);
  CHECK(end.exit_code == 0);
  CHECK(end.pairs == 6 * 14 + 16);  // and every sixth of all was the control's
  CHECK(end.seconds == Approx(6.0 + 100));
  CHECK(end.caught_seconds == std::nullopt);
  CHECK(end.wrongly_red + end.wrongly_unchanged == 0);
  CHECK(end.intervals == 30);
}

TEST_CASE("a scenario that was slowed down is regressed, after its fresh pairs", "[gate]") {
  const Recording recording(noisy_pairs(0.005), gating_contests());
  const ReplayEnd end = replay_gate(recording, {}, kTenPerCentOfFirst, 1);
  CHECK(end.exit_code == 1);
  REQUIRE(end.caught_seconds);
  CHECK(*end.caught_seconds > 6.0 + 6 * 13);
  CHECK(*end.caught_seconds <= end.seconds);
  CHECK(end.first_look);
  CHECK(end.wrongly_red + end.wrongly_unchanged == 0);
  CHECK(end.covered >= end.intervals - 6);
}

TEST_CASE("wild pairs leave a replayed gate undecided when its time is over", "[gate]") {
  const Recording recording(noisy_pairs(0.4), gating_contests());
  const ReplayEnd end = replay_gate(recording, {.budget_seconds = 100}, kNothing, 1);
  CHECK(end.exit_code == 5);
  CHECK(end.seconds >= 100);
  CHECK(end.seconds <= 103);  // a pair and the control's
}

TEST_CASE("where too many pairs are disturbed a replayed gate is contaminated", "[gate]") {
  auto pairs = noisy_pairs(0.005);
  for (std::size_t i = 0; i < pairs.size(); i += 2) pairs[i].disturbed = true;
  const Recording recording(pairs, gating_contests());
  CHECK(replay_gate(recording, {}, kNothing, 1).exit_code == 4);
}

TEST_CASE("where a block is not sound its scenario stays undecided", "[gate]") {
  auto pairs = noisy_pairs(0.005);
  for (auto& pair : pairs) pair.sound = pair.scenario != "solo_map";
  CHECK(replay_gate(Recording(pairs, gating_contests()), {}, kNothing, 1).exit_code == 5);
}

TEST_CASE("a gate of one seed replays the same", "[gate]") {
  const Recording recording(noisy_pairs(0.03), gating_contests());
  const ReplayEnd once = replay_gate(recording, {}, kTenPerCentOfFirst, 5);
  const ReplayEnd again = replay_gate(recording, {}, kTenPerCentOfFirst, 5);
  CHECK(replay_line("a", "one", 0.1, 3, once) == replay_line("a", "one", 0.1, 3, again));
}

TEST_CASE("contended scenarios may be given fewer pairs, and too few are refused", "[gate]") {
  const Recording recording(noisy_pairs(0.4), gating_contests());
  const ReplayPlan plan{.contended_pairs = 14, .budget_seconds = 1e6};
  const ReplayEnd end = replay_gate(recording, plan, kNothing, 1);
  CHECK(end.pairs - end.pairs / kControlEvery == 3 * 40 + 3 * 14);
  CHECK_THROWS_AS(replay_gate(recording, {.pairs = 5}, kNothing, 1), std::invalid_argument);
}

TEST_CASE("a replayed gate as CSV", "[gate]") {
  const ReplayEnd end{.exit_code = 1,
                      .seconds = 90.5,
                      .caught_seconds = 80.25,
                      .first_look = true,
                      .pairs = 84,
                      .wrongly_red = 1,
                      .wrongly_unchanged = 2,
                      .intervals = 30,
                      .covered = 29};
  CHECK(replay_line("default", "one", 0.05, 7, end) == "default,one,0.05,7,1,90.5,80.25,1,84,1,2,30,29\n");
  CHECK(replay_line("default", "all", 0, 0, {}) == "default,all,0,0,0,0,,0,0,0,0,0,0\n");
  const auto commas = [](const std::string& text) { return std::count(text.begin(), text.end(), ','); };
  CHECK(commas(replay_header()) == commas(replay_line("a", "all", 0, 0, {})));
}

}  // namespace
}  // namespace crosstalk::harness::gate
