// null/null: does nothing but count the calls. A trial of it measures the harness itself: the floor under every
// other row. Its contract is: calls issued = calls counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "pool/cache_line.h"
#include "pool/chat/chat_types.h"
#include "pool/chat/post_watch.h"

namespace crosstalk::pool {

class NullServer {
 public:
  // Counts of one calling thread, on cache lines of its own.
  struct Caller {
    std::uint64_t* calls;
  };

  explicit NullServer(const ServerOptions&) {}

  // Not thread-safe, unlike everything else here: callers are made before the threads start.
  Caller make_caller() { return {&counts_.emplace_back(std::in_place, 0U).value}; }

  Outcome connect(Caller& caller, ClientId) noexcept { return count(caller); }
  Outcome disconnect(Caller& caller, ClientId) noexcept { return count(caller); }
  Outcome join(Caller& caller, ClientId, RoomId) noexcept { return count(caller); }
  Outcome leave(Caller& caller, ClientId, RoomId) noexcept { return count(caller); }
  Outcome move(Caller& caller, ClientId, RoomId, RoomId) noexcept { return count(caller); }
  Outcome kick(Caller& caller, ClientId, ClientId, RoomId) noexcept { return count(caller); }
  Outcome who(Caller& caller, RoomId) noexcept { return count(caller); }
  bool presence(Caller& caller, ClientId) noexcept { return count(caller) == Outcome::ok; }
  Outcome mark(Caller& caller, RoomId) noexcept { return count(caller); }
  Outcome upload(Caller& caller, ClientId, RoomId, std::uint64_t, std::uint32_t) noexcept {
    return count(caller);
  }

  PostResult post(Caller& caller, ClientId, RoomId, std::uint64_t, std::uint32_t,
                  const PostWatch& = {}) noexcept {
    return {.outcome = count(caller)};
  }
  PostResult direct(Caller& caller, ClientId, ClientId, std::uint64_t, std::uint32_t,
                    const PostWatch& = {}) noexcept {
    return {.outcome = count(caller)};
  }
  template <class Visit>
  Outcome history(Caller& caller, ClientId, RoomId, std::uint32_t, Visit&&) noexcept {
    return count(caller);
  }
  template <class Visit>
  std::size_t receive(Caller& caller, ClientId, Visit&&) noexcept {
    count(caller);
    return 0;
  }

  // Calls counted; exact once nobody calls any more.
  [[nodiscard]] std::uint64_t counted() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& count : counts_) sum += *count;
    return sum;
  }

 private:
  static Outcome count(Caller& caller) noexcept {
    ++*caller.calls;
    return Outcome::ok;
  }

  std::deque<CacheAligned<std::uint64_t>> counts_;
};

}  // namespace crosstalk::pool
