// Which libraries of other people this build can measure beside its own: a table for people, of what was found when the
// build was configured (scripts/cmake/peers.cmake). What they offer is in peer_locks.h, containers/peers/, executor/peers/.
#pragma once

#include <span>
#include <string_view>

namespace crosstalk::pool {

struct Peer {
  std::string_view name;     // as CMake calls it: target crosstalk_peers_NAME
  std::string_view version;  // empty if it was not found
  bool found;
  std::string_view package;  // the Debian package that brings it
  std::string_view offers;   // what of it can be measured: locks, map, pool
};

// Every peer that crosstalk knows, found or not, always in the same order. No errors; the table is static.
[[nodiscard]] std::span<const Peer> peers() noexcept;

// False for a build that looked for none: CROSSTALK_PEERS=OFF.
[[nodiscard]] bool peers_wanted() noexcept;

}  // namespace crosstalk::pool
