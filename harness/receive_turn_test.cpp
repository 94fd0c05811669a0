#include <catch2/catch.hpp>

#include <cstdint>
#include <map>
#include <vector>

#include "harness/receive_turn.h"

namespace crosstalk::harness {
namespace {

std::vector<std::uint32_t> turns(ReceiveTurn turn, std::size_t count) {
  std::vector<std::uint32_t> clients;
  turn.posted(count * ReceiveTurn::kShare);
  while (turn.due()) clients.push_back(turn.take());
  return clients;
}

TEST_CASE("a receive is due once per share of deliveries", "[harness][receive_turn]") {
  ReceiveTurn turn(0, 1, 3);
  CHECK_FALSE(turn.due());
  turn.posted(ReceiveTurn::kShare - 1);
  CHECK_FALSE(turn.due());
  turn.posted(1);
  REQUIRE(turn.due());
  turn.take();
  CHECK_FALSE(turn.due());
  turn.posted(2 * ReceiveTurn::kShare + 5);
  turn.take();
  REQUIRE(turn.due());
  turn.take();
  CHECK_FALSE(turn.due());
  turn.posted(ReceiveTurn::kShare - 5);  // what was left over counts
  CHECK(turn.due());
}

TEST_CASE("each driver takes its own clients in turn", "[harness][receive_turn]") {
  CHECK(turns(ReceiveTurn(0, 1, 3), 7) == std::vector<std::uint32_t>{0, 1, 2, 0, 1, 2, 0});
  CHECK(turns(ReceiveTurn(0, 2, 5), 4) == std::vector<std::uint32_t>{0, 2, 4, 0});
  CHECK(turns(ReceiveTurn(1, 2, 5), 4) == std::vector<std::uint32_t>{1, 3, 1, 3});
  CHECK(turns(ReceiveTurn(2, 3, 3), 3) == std::vector<std::uint32_t>{2, 2, 2});
}

TEST_CASE("all drivers together reach every client equally often", "[harness][receive_turn]") {
  constexpr std::uint32_t kClients = 21;
  for (std::uint32_t drivers = 1; drivers <= 8; ++drivers) {
    std::map<std::uint32_t, int> received;
    for (std::uint32_t driver = 0; driver < drivers; ++driver) {
      const std::uint32_t own = (kClients - driver + drivers - 1) / drivers;
      for (const std::uint32_t client : turns(ReceiveTurn(driver, drivers, kClients), own))
        ++received[client];
    }
    CHECK(received.size() == kClients);
    for (const auto& [client, times] : received) CHECK(times == 1);
  }
}

TEST_CASE("a driver without clients never receives", "[harness][receive_turn]") {
  ReceiveTurn turn(3, 4, 3);
  turn.posted(1'000'000);
  CHECK_FALSE(turn.due());
  CHECK(turns(ReceiveTurn(0, 1, 0), 5).empty());
}

TEST_CASE("the largest client numbers do not overflow", "[harness][receive_turn]") {
  constexpr std::uint32_t kMany = 0xFFFF'FFFF;
  CHECK(turns(ReceiveTurn(kMany - 1, kMany - 1, kMany), 2) ==
        std::vector<std::uint32_t>{kMany - 1, kMany - 1});
}

}  // namespace
}  // namespace crosstalk::harness
