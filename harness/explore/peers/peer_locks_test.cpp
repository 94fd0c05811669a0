// Locks of other people's libraries, as far as their code is in headers, through the adapters that measure them. Judged by
// peer_scenarios_test.cpp, and run by crosstalk_explore_peers.
#include "pool/peer_locks.h"
#include "harness/explore/lock_scenarios.h"

namespace crosstalk::harness::explore {

namespace {

struct AddPeerLock {
  template <class Lock>
  void operator()(std::string_view name) const {
    // Its code is in the library, where nothing is seen and a spinning thread never gives way.
    if (name == "tbb_queuing_rw_mutex") return;
    add_lock_scenarios<Lock>(name, Schedules::sample);
  }
};

const bool peer_locks_added = (pool::for_each_peer_lock(AddPeerLock{}), true);

}  // namespace

}  // namespace crosstalk::harness::explore
