// The stay of one client at the server, from admission to end: what may happen to it, and how it is told.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "pool/chat/chat_types.h"

namespace crosstalk::pool {

// Why a session ended. Each ends once, for one reason.
enum class EndReason : std::uint8_t {
  disconnected,  // the client left
  kicked,        // somebody threw it out
  reaped,        // it was not heard of for the idle time-out
  overflowed,    // its inbox was full, under InboxPolicy::disconnect
  shutdown,      // the server closed
};
inline constexpr std::size_t kEndReasons = 5;

enum class ConnectStatus : std::uint8_t {
  ok,
  no_such_client,     // no id below SessionRegistry::Options::clients
  already_connected,  // the client has a session, or is being let in
  ending,             // its last session is being cleared away: try again
  full,               // as many sessions as are allowed
  shutting_down,      // no more admissions, ever
};
inline constexpr std::size_t kConnectStatuses = 6;

struct ConnectResult {
  ConnectStatus status = ConnectStatus::ok;
  SessionRef session;  // of value only if the status is ok
};

// What a server tells a client that asks to be let in.
[[nodiscard]] constexpr Outcome outcome_of(ConnectStatus status) noexcept {
  switch (status) {
    case ConnectStatus::ok:
      return Outcome::ok;
    case ConnectStatus::full:
      return Outcome::full;
    case ConnectStatus::shutting_down:
      return Outcome::shutting_down;
    case ConnectStatus::no_such_client:
      return Outcome::no_such_client;
    case ConnectStatus::already_connected:
    case ConnectStatus::ending:
      break;
  }
  return Outcome::already_connected;
}

// Counts since the registry was made, each exact by itself. Together they are a point in time only while nobody calls
// the registry; then connected = active + the sum of `ended`.
struct SessionTotals {
  std::uint64_t connected = 0;
  std::uint64_t active = 0;  // being let in, there, or being cleared away
  std::array<std::uint64_t, kEndReasons> ended{};
  std::array<std::uint64_t, kConnectStatuses> rejected{};  // [ok] stays 0
  std::uint64_t hook_errors = 0;                           // hooks that threw after an end

  [[nodiscard]] std::uint64_t ended_for(EndReason reason) const noexcept {
    return ended[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] std::uint64_t rejected_for(ConnectStatus status) const noexcept {
    return rejected[static_cast<std::size_t>(status)];
  }
  [[nodiscard]] bool balanced() const noexcept {
    return connected == active + std::accumulate(ended.begin(), ended.end(), std::uint64_t{0});
  }
};

// All that the registry knows of one client, in a word that changes as a whole.
//
//   | 63..32 generation | 31..29 state | 28..0 stamp while active, EndReason while ending |
//
//   state    connect()                heartbeat()   disconnect(), kick(), ...     next
//   free     -> asking                false         false
//   asking   already_connected        false         false                         opening, or free again if refused
//   opening  already_connected        false         -> ending, true               active, or free again if that fails
//   active   already_connected        stamps, true  -> ending, true
//   ending   ending                   false         false                         free, generation + 1
//
// asking: no place yet, nothing to end. opening: the server's own hook runs. Who made a session `ending` clears it away,
// but if it was not active yet: then the thread that lets it in does. The shutdown alone ends what is asking, too.
// The stamp is the time of the last heartbeat in ticks, modulo 2^29.
struct SessionWord {
  enum class State : std::uint8_t { free, asking, opening, active, ending };

  std::uint32_t generation = 0;
  State state = State::free;
  std::uint32_t value = 0;

  static constexpr std::uint32_t kValueBits = 29;
  static constexpr std::uint32_t kValueMask = (1U << kValueBits) - 1;

  [[nodiscard]] static constexpr SessionWord unpack(std::uint64_t bits) noexcept {
    return {.generation = static_cast<std::uint32_t>(bits >> 32),
            .state = static_cast<State>((bits >> kValueBits) & 7U),
            .value = static_cast<std::uint32_t>(bits) & kValueMask};
  }
  [[nodiscard]] constexpr std::uint64_t pack() const noexcept {
    return std::uint64_t{generation} << 32 | std::uint64_t{static_cast<std::uint8_t>(state)} << kValueBits |
           (value & kValueMask);
  }
  [[nodiscard]] constexpr bool is(std::uint32_t of_generation, State in_state) const noexcept {
    return generation == of_generation && state == in_state;
  }

  // Ticks from the stamp to `now`. Half of the circle is future: a stamp set after `now` was read is no age at all.
  [[nodiscard]] constexpr std::uint32_t age(std::uint32_t now) const noexcept {
    const std::uint32_t ahead = (now - value) & kValueMask;
    return ahead <= kValueMask / 2 ? ahead : 0;
  }
};

}  // namespace crosstalk::pool
