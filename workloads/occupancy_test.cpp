#include "workloads/occupancy.h"

#include <catch2/catch.hpp>

namespace crosstalk::workloads {
namespace {

Trace two_in_room_0() {
  Trace trace;
  trace.clients = 3;
  trace.rooms = 2;
  trace.connected = {0, 1, 2};
  trace.members = {{0, 0}, {1, 0}};
  return trace;
}

TEST_CASE("a trace's start is the first state", "[workloads][occupancy]") {
  const Occupancy occupancy(two_in_room_0());
  CHECK(occupancy.is_connected(2));
  CHECK(occupancy.is_member(1, 0));
  CHECK_FALSE(occupancy.is_member(2, 0));
  CHECK(occupancy.members(0) == 2);
  CHECK(occupancy.members(1) == 0);
}

TEST_CASE("what cannot be done changes nothing", "[workloads][occupancy]") {
  Occupancy occupancy(two_in_room_0());
  const Occupancy before = occupancy;
  CHECK_FALSE(occupancy.connect(0));
  CHECK_FALSE(occupancy.join(0, 0));
  CHECK_FALSE(occupancy.leave(2, 0));
  CHECK_FALSE(occupancy.move(2, 0, 1));  // is not there
  CHECK_FALSE(occupancy.move(0, 0, 0));  // is there already
  CHECK(occupancy == before);
}

TEST_CASE("a disconnect leaves every room, and nobody joins without a session", "[workloads][occupancy]") {
  Occupancy occupancy(two_in_room_0());
  REQUIRE(occupancy.join(0, 1));
  CHECK(occupancy.disconnect(0));
  CHECK_FALSE(occupancy.disconnect(0));
  CHECK(occupancy.members(0) == 1);
  CHECK(occupancy.members(1) == 0);
  CHECK_FALSE(occupancy.join(0, 1));
  CHECK(occupancy.connect(0));
  CHECK_FALSE(occupancy.is_member(0, 0));
}

TEST_CASE("a move leaves one room and joins the other", "[workloads][occupancy]") {
  Occupancy occupancy(two_in_room_0());
  CHECK(occupancy.move(0, 0, 1));
  CHECK(occupancy.members(0) == 1);
  CHECK(occupancy.members(1) == 1);
  CHECK(occupancy.is_member(0, 1));
}

TEST_CASE("operations are accepted as a server would", "[workloads][occupancy]") {
  Occupancy occupancy(two_in_room_0());
  const auto accepts = [&](OpKind kind, std::uint32_t client, std::uint32_t room, std::uint32_t target = 0) {
    return occupancy.apply({0, client, room, target, 0, 0, kind});
  };
  CHECK(accepts(OpKind::post, 0, 0));
  CHECK_FALSE(accepts(OpKind::post, 2, 0));
  CHECK(accepts(OpKind::history, 1, 0));
  CHECK_FALSE(accepts(OpKind::history, 1, 1));
  CHECK(accepts(OpKind::mark, 2, 1));
  CHECK(accepts(OpKind::direct, 0, 0, 2));
  CHECK(accepts(OpKind::disconnect, 2, 0));
  CHECK_FALSE(accepts(OpKind::direct, 0, 0, 2));
  CHECK_FALSE(accepts(OpKind::who, 2, 0));
  CHECK(accepts(OpKind::presence, 0, 0, 2));
  CHECK(accepts(OpKind::kick, 1, 0, 0));
  CHECK_FALSE(occupancy.is_member(1, 0));
  CHECK_FALSE(accepts(OpKind::kick, 0, 0, 1));  // by somebody who is not there
}

}  // namespace
}  // namespace crosstalk::workloads
