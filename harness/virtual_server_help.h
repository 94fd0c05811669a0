// For tests in virtual time: servers whose work takes exactly as long as they are told.
#pragma once

#include <cstdint>
#include <functional>

#include "harness/clock.h"
#include "pool/chat/null_server.h"

namespace crosstalk::harness {

// What a call costs. One at a time in a process, set before the trial.
struct VirtualWork {
  VirtualTime* time = nullptr;
  std::function<std::uint64_t(std::uint64_t number)> service_ns;  // of the n-th post, from 0
  std::uint64_t posts = 0;

  static inline VirtualWork* current = nullptr;

  void post() {
    const std::uint64_t ns = service_ns(posts++);
    if (ns > 0) time->pass(ns);
  }
};

// Takes its time over posts and does nothing else.
class VirtualServer : public pool::NullServer {
 public:
  using pool::NullServer::NullServer;

  pool::PostResult post(Caller& caller, pool::ClientId client, pool::RoomId room, std::uint64_t tag,
                        std::uint32_t bytes, const pool::PostWatch& watch = {}) {
    VirtualWork::current->post();
    return pool::NullServer::post(caller, client, room, tag, bytes, watch);
  }
};

}  // namespace crosstalk::harness
