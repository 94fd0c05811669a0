// What of the pool takes two locks at once, built of locks whose order is watched: ConcurrentMap, the sharded server.
#include <memory>

#include "harness/verify/component.h"
#include "harness/verify/service_cases.h"
#include "harness/verify/watched_lock.h"
#include "pool/chat/sharded_server.h"
#include "pool/containers/concurrent_map.h"
#include "pool/locks/rw_lock.h"

namespace crosstalk::harness::verify {

namespace {

using RoomLock = WatchedLock<pool::RwLock>;

// A number for each room, changed two at a time.
class MapRooms final : public RoomsOnTrial {
 public:
  explicit MapRooms(unsigned rooms) : members_(8) {
    for (unsigned room = 0; room < rooms; ++room) static_cast<void>(members_.insert_if_absent(room, 0));
  }
  void transfer(unsigned from, unsigned to) override {
    static_cast<void>(members_.modify_two(from, to, [](std::int64_t& a, std::int64_t& b) {
      --a;
      ++b;
    }));
  }

 private:
  pool::ConcurrentMap<std::uint64_t, std::int64_t, RoomLock> members_;
};

// Clients that move between rooms, leave them, are kicked and read them.
class ServerRooms final : public RoomsOnTrial {
 public:
  explicit ServerRooms(unsigned rooms) : server_(options(rooms)) {
    pool::Caller caller = server_.make_caller();
    for (pool::ClientId client = 0; client < kClients; ++client) {
      static_cast<void>(server_.connect(caller, client));
      static_cast<void>(server_.join(caller, client, client % rooms));
    }
  }
  void transfer(unsigned from, unsigned to) override {
    pool::Caller caller = server_.make_caller();
    // relaxed: only has to differ.
    const std::uint32_t number = next_.fetch_add(1, std::memory_order_relaxed);
    const pool::ClientId client = number % kClients;
    if (server_.move(caller, client, from, to) == pool::Outcome::ok) return;
    static_cast<void>(server_.kick(caller, client, (client + 1) % kClients, to));
    static_cast<void>(server_.who(caller, from));
    static_cast<void>(server_.join(caller, client, from));
  }

 private:
  static constexpr pool::ClientId kClients = 6;
  static pool::ServerOptions options(unsigned rooms) {
    pool::ServerOptions options;
    options.clients = kClients;
    options.rooms = rooms;
    options.shards = 8;
    return options;
  }

  pool::ShardedServer<RoomLock> server_;
  std::atomic<std::uint32_t> next_{0};
};

template <class Rooms>
Component rooms_component(const char* name) {
  return {.name = name,
          .promises = "locks are taken in one order",
          .cases = room_cases({[](unsigned rooms) { return std::make_unique<Rooms>(rooms); }})};
}

}  // namespace

void add_builtin_rooms(std::vector<Component>& all) {
  all.push_back(rooms_component<MapRooms>("rooms/concurrent_map"));
  all.push_back(rooms_component<ServerRooms>("rooms/sharded_server"));
}

}  // namespace crosstalk::harness::verify
