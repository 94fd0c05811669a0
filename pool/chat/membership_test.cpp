#include <catch2/catch.hpp>

#include <memory_resource>

#include "pool/chat/membership.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("a copy of the tables lies in their memory and lives by itself", "[pool][chat]") {
  std::pmr::monotonic_buffer_resource memory;
  RoomTable rooms(&memory);
  SessionTable sessions(&memory);
  for (ClientId client = 0; client < 100; ++client) {
    REQUIRE(sessions.add({client, client + 1}));
    sessions.find(client)->rooms.push_back(client % 3);
    REQUIRE(rooms.add(client % 3, {client, client + 1}));
  }

  std::pmr::memory_resource* const before = std::pmr::set_default_resource(std::pmr::null_memory_resource());
  RoomTable more_rooms(rooms);
  SessionTable more_sessions(sessions);
  more_rooms.add(7, {500, 1});
  more_rooms.add(0, {500, 1});
  more_rooms.remove(1, 1);
  more_sessions.add({500, 1});
  more_sessions.find(500)->rooms.push_back(7);
  more_sessions.find(2)->rooms.push_back(9);
  std::pmr::set_default_resource(before);

  CHECK(rooms.memberships() == 100);
  CHECK(rooms.contains(1, 1));
  CHECK_FALSE(rooms.contains(0, 500));
  CHECK(sessions.size() == 100);
  CHECK(sessions.find(2)->rooms.size() == 1);
  CHECK(more_rooms.memberships() == 101);
  CHECK(more_rooms.find(0)->all().get_allocator().resource() == &memory);
  CHECK(more_rooms.find(7)->all().get_allocator().resource() == &memory);
  CHECK(more_sessions.find(2)->rooms.get_allocator().resource() == &memory);
  CHECK(more_sessions.find(2)->generation == 3);
  CHECK(more_sessions.find(500)->rooms.get_allocator().resource() == &memory);
}

}  // namespace
}  // namespace crosstalk::pool
