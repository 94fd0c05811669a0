// The maps of other people's libraries that this build can measure, each an EntryMap (containers/map_concept.h), in the order and
// by the names of CROSSTALK_PEER_MAPS in scripts/cmake/peers.cmake. See peer_locks.h.
#pragma once

#include <string_view>

#if CROSSTALK_HAS_CUCKOO
#include "pool/containers/peers/cuckoo_map.h"
#endif
#if CROSSTALK_HAS_TBB
#include "pool/containers/peers/tbb_map.h"
#endif
#if CROSSTALK_HAS_URCU
#include "pool/containers/peers/urcu_map.h"
#endif

namespace crosstalk::pool {

// Calls f.operator()<Map>(name) for every map of a peer that was found; Map is a class template over key and value.
template <class F>
void for_each_peer_map([[maybe_unused]] F f) {
#if CROSSTALK_HAS_TBB
  f.template operator()<TbbMap>("tbb_map");
#endif
#if CROSSTALK_HAS_CUCKOO
  f.template operator()<CuckooMap>("cuckoo_map");
#endif
#if CROSSTALK_HAS_URCU
  f.template operator()<UrcuMap>("urcu_map");
#endif
}

}  // namespace crosstalk::pool
