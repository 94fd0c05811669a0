#include "pool/peers.h"

#include "pool/peers_found.h"

namespace crosstalk::pool {

std::span<const Peer> peers() noexcept {
  return detail::kPeers;
}

bool peers_wanted() noexcept {
  return detail::kPeersWanted;
}

}  // namespace crosstalk::pool
