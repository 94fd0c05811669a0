#include "workloads/population.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "workloads/test_files.h"
#include "workloads/test_statistics.h"

namespace crosstalk::workloads {
namespace {

TEST_CASE("memberships ascend by room and client, and agree with home rooms", "[workloads][population]") {
  const Population population(built_in("community"), 1, 2'000);
  const auto members = population.memberships();
  std::size_t homes = 0;
  for (std::uint32_t client = 0; client < 2'000; ++client) homes += population.home_rooms(client).size();
  CHECK(members.size() == homes);
  for (std::size_t i = 0; i < members.size(); ++i) {
    REQUIRE(population.is_home_room(members[i].client, members[i].room));
    if (i == 0) continue;
    REQUIRE(std::pair(members[i - 1].room, members[i - 1].client) <
            std::pair(members[i].room, members[i].client));
  }
}

TEST_CASE("clients are in as many rooms as the scenario says", "[workloads][population]") {
  Scenario scenario;
  scenario.rooms = 1000;
  scenario.membership_exponent = 0;
  scenario.rooms_per_client = {0.5, 0.25, 0, 0.15};
  const Population population(scenario, 1, 20'000);
  std::vector<double> counts(5);
  for (std::uint32_t client = 0; client < 20'000; ++client)
    counts.at(population.home_rooms(client).size()) += 1;
  CHECK(counts[3] == 0);
  CHECK(chi_square_deviate({counts[0], counts[1], counts[2], counts[4]}, {0.1, 0.5, 0.25, 0.15}) < 3.1);
}

TEST_CASE("members choose rooms by the membership exponent", "[workloads][population]") {
  Scenario scenario = built_in("community");
  scenario.rooms_per_client = {1};
  const Population population(scenario, 2, 50'000);
  std::vector<double> counts(scenario.rooms);
  for (const Membership& member : population.memberships()) counts[member.room] += 1;
  std::vector<double> theory;
  double sum = 0;
  for (std::uint32_t k = 1; k <= scenario.rooms; ++k) {
    theory.push_back(std::pow(k, -scenario.membership_exponent));
    sum += theory.back();
  }
  for (double& p : theory) p /= sum;
  CHECK(chi_square_deviate(counts, theory) < 3.1);
}

TEST_CASE("a room asks for no more members than there are clients, nor a client for more rooms",
          "[workloads][population]") {
  Scenario scenario;
  scenario.rooms = 2;
  scenario.membership_exponent = 10;  // the second room is next to never drawn
  scenario.rooms_per_client = {0, 0, 1};
  const Population population(scenario, 1, 100);
  for (std::uint32_t client = 0; client < 100; ++client) {
    CHECK(population.home_rooms(client).size() >= 1);
    CHECK(population.home_rooms(client).size() <= 2);
  }
}

TEST_CASE("speakers are the share of clients that is not silent", "[workloads][population]") {
  Scenario scenario;
  scenario.rooms = 1;
  scenario.rooms_per_client = {1};
  scenario.silent_share = 0.77;
  scenario.user_exponent = 0;
  const Population population(scenario, 1, 10'000);
  RandomStream random(1, Purpose::operations);
  std::map<std::uint32_t, double> seen;
  for (int i = 0; i < 200'000; ++i) seen[population.draw_speaker(0, random)] += 1;
  // Equally active: with 87 draws each nobody is missed.
  CHECK(static_cast<double>(seen.size()) == Approx(2'300).margin(170));
}

TEST_CASE("speakers are drawn by the activity of their rank", "[workloads][population]") {
  Scenario scenario = built_in("stream");
  const Population population(scenario, 1, 4'000);
  RandomStream random(1, Purpose::operations);
  std::map<std::uint32_t, double> seen;  // ascending by client, as ranks are
  for (int i = 0; i < 200'000; ++i) seen[population.draw_speaker(0, random)] += 1;
  std::vector<double> counts;
  std::vector<double> theory;
  double sum = 0;
  for (const auto& [client, count] : seen) {
    counts.push_back(count);
    theory.push_back(
        std::pow(static_cast<double>(counts.size()) + scenario.user_offset, -scenario.user_exponent));
    sum += theory.back();
  }
  for (double& p : theory) p /= sum;
  CHECK(chi_square_deviate(counts, theory) < 3.1);
}

TEST_CASE("one client is enough for somebody to speak in a room", "[workloads][population]") {
  Scenario scenario = built_in("community");
  scenario.silent_share = 0.999;
  scenario.rooms_per_client = {0.001};
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Population population(scenario, seed, 3);
    RandomStream random(seed, Purpose::operations);
    const std::uint32_t room = population.draw_spoken_room(random);
    CHECK(population.is_home_room(population.draw_speaker(room, random), room));
  }
}

TEST_CASE("rooms without a member or a speaker are not drawn where one is needed",
          "[workloads][population]") {
  const Population population(built_in("community"), 4, 20);
  const auto members = population.memberships();
  RandomStream random(1, Purpose::operations);
  bool empty_drawn = false;
  for (int i = 0; i < 5'000; ++i) {
    const std::uint32_t peopled = population.draw_peopled_room(random);
    REQUIRE(population.is_home_room(population.draw_member(peopled, random), peopled));
    const std::uint32_t spoken = population.draw_spoken_room(random);
    REQUIRE(population.is_home_room(population.draw_speaker(spoken, random), spoken));
    const std::uint32_t any = population.draw_room(random);
    empty_drawn = empty_drawn || std::none_of(members.begin(), members.end(),
                                              [any](const Membership& member) { return member.room == any; });
  }
  CHECK(empty_drawn);
}

TEST_CASE("those away are listed by cause until they come home", "[workloads][population]") {
  Population population(built_in("community"), 1, 10);
  population.set_away(3, Away::left, 1, 0);
  population.set_away(4, Away::moved, 1, 2);
  population.set_away(5, Away::disconnected, 0, 0);
  population.set_away(6, Away::left, 7, 0);
  CHECK(population.churned() == std::vector<std::uint32_t>{3, 5, 6});
  CHECK(population.moved() == std::vector<std::uint32_t>{4});
  CHECK(population.state(4).target == 2);
  population.set_home(3);
  CHECK(population.churned() == std::vector<std::uint32_t>{6, 5});
  population.set_home(6);
  population.set_home(5);
  population.set_home(4);
  CHECK(population.churned().empty());
  CHECK(population.moved().empty());
  CHECK(population.state(5).away == Away::no);
}

}  // namespace
}  // namespace crosstalk::workloads
