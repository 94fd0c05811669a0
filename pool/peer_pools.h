// The thread pools of other people's libraries that this build can measure, in the order and by the names of CROSSTALK_PEER_POOLS
// in scripts/cmake/peers.cmake. See peer_locks.h. Each is a WorkerPool (executor/executor.h) made from PoolOptions.
#pragma once

#include <string_view>

#if CROSSTALK_HAS_ASIO
#include "pool/executor/peers/asio_pool.h"
#endif
#if CROSSTALK_HAS_CONCURRENTQUEUE
#include "pool/executor/peers/concurrent_queue_pool.h"
#endif
#if CROSSTALK_HAS_TBB
#include "pool/executor/peers/tbb_pool.h"
#endif

namespace crosstalk::pool {

// Calls f.operator()<Pool>(name) for every pool of a peer that was found.
template <class F>
void for_each_peer_pool([[maybe_unused]] F f) {
#if CROSSTALK_HAS_TBB
  f.template operator()<TbbPool>("tbb");
#endif
#if CROSSTALK_HAS_ASIO
  f.template operator()<AsioPool>("asio");
#endif
#if CROSSTALK_HAS_CONCURRENTQUEUE
  f.template operator()<ConcurrentQueuePool>("concurrentqueue");
#endif
}

}  // namespace crosstalk::pool
