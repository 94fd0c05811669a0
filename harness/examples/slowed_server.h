// A whole server of one's own, which wraps another one: every call takes `percent` per cent longer. What a comparison makes of
// a difference that is known beforehand says what it resolves.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

#include "pool/chat/sharded_server.h"

template <int percent, class Server = crosstalk::pool::ShardedServer<std::mutex>>
class SlowedServer : public Server {
 public:
  using Server::Server;
  using Caller = crosstalk::pool::Caller;
  using Client = crosstalk::pool::ClientId;
  using Room = crosstalk::pool::RoomId;
  using Watch = crosstalk::pool::PostWatch;

  auto connect(Caller& caller, Client client) {
    return slowed([&] { return Server::connect(caller, client); });
  }
  auto disconnect(Caller& caller, Client client) {
    return slowed([&] { return Server::disconnect(caller, client); });
  }
  auto join(Caller& caller, Client client, Room room) {
    return slowed([&] { return Server::join(caller, client, room); });
  }
  auto leave(Caller& caller, Client client, Room room) {
    return slowed([&] { return Server::leave(caller, client, room); });
  }
  auto move(Caller& caller, Client client, Room from, Room to) {
    return slowed([&] { return Server::move(caller, client, from, to); });
  }
  auto kick(Caller& caller, Client client, Client by, Room room) {
    return slowed([&] { return Server::kick(caller, client, by, room); });
  }
  auto post(Caller& caller, Client client, Room room, std::uint64_t tag, std::uint32_t bytes,
            const Watch& watch) {
    return slowed([&] { return Server::post(caller, client, room, tag, bytes, watch); });
  }
  auto direct(Caller& caller, Client client, Client target, std::uint64_t tag, std::uint32_t bytes,
              const Watch& watch) {
    return slowed([&] { return Server::direct(caller, client, target, tag, bytes, watch); });
  }
  template <class Visit>
  auto history(Caller& caller, Client client, Room room, std::uint32_t count, Visit&& visit) {
    return slowed([&] { return Server::history(caller, client, room, count, std::forward<Visit>(visit)); });
  }
  template <class Visit>
  auto receive(Caller& caller, Client client, Visit&& visit) {
    return slowed([&] { return Server::receive(caller, client, std::forward<Visit>(visit)); });
  }
  auto who(Caller& caller, Room room) {
    return slowed([&] { return Server::who(caller, room); });
  }
  auto presence(Caller& caller, Client client) {
    return slowed([&] { return Server::presence(caller, client); });
  }
  auto mark(Caller& caller, Room room) {
    return slowed([&] { return Server::mark(caller, room); });
  }
  auto upload(Caller& caller, Client client, Room room, std::uint64_t tag, std::uint32_t bytes) {
    return slowed([&] { return Server::upload(caller, client, room, tag, bytes); });
  }

 private:
  using Clock = std::chrono::steady_clock;

  template <class Call>
  static auto slowed(Call&& call) {
    const Clock::time_point begin = Clock::now();
    auto result = call();
    const Clock::time_point end = Clock::now();
    const Clock::time_point until = end + (end - begin) * percent / 100;
    while (Clock::now() < until) {
    }
    return result;
  }
};
