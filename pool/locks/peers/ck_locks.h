// The locks of Concurrency Kit: spin locks through the C shim, and all of them in one list.
#pragma once

#include <tuple>

#include "pool/contract.h"
#include "pool/locks/peers/ck_rw_locks.h"
#include "pool/locks/peers/ck_shim.h"
#include "pool/locks/peers/held_nodes.h"
#include "pool/locks/peers/tsan_marks.h"

namespace crosstalk::pool {

// Progress: in order of arrival; spins without a pause for the scheduler.
class CkTicket {
 public:
  static constexpr LockContract kContract{
      .fairness = Fairness::fifo, .algorithm = "ticket", .source = "Concurrency Kit"};

  void lock() noexcept {
    crosstalk_ck_ticket_lock(&lock_);
    mark_acquired(this);
  }
  bool try_lock() noexcept {
    const bool got = crosstalk_ck_ticket_trylock(&lock_);
    if (got) mark_acquired(this);
    return got;
  }
  void unlock() noexcept {
    mark_releasing(this);
    crosstalk_ck_ticket_unlock(&lock_);
  }

 private:
  crosstalk_ck_ticket lock_{};
};

// Progress: in order of arrival; each waiter spins on its own node (held_nodes.h), without a pause for the scheduler.
// Not to be unlocked by another thread. Errors: lock() throws std::bad_alloc, see held_nodes.h.
class CkMcs {
 public:
  static constexpr LockContract kContract{.fairness = Fairness::fifo,
                                          .algorithm = "MCS queue",
                                          .source = "Concurrency Kit, Mellor-Crummey, Scott 1991"};

  void lock() {
    crosstalk_ck_mcs_lock(&lock_, &Nodes::take(this));
    mark_acquired(this);
  }
  bool try_lock() {
    if (crosstalk_ck_mcs_trylock(&lock_, &Nodes::take(this))) {
      mark_acquired(this);
      return true;
    }
    Nodes::give_back(this);
    return false;
  }
  void unlock() noexcept {
    mark_releasing(this);
    crosstalk_ck_mcs_unlock(&lock_, &Nodes::of(this));
    Nodes::give_back(this);
  }

 private:
  using Nodes = HeldNodes<crosstalk_ck_mcs_node>;
  crosstalk_ck_mcs lock_{};
};

using CkLocks = std::tuple<CkPflock, CkTflock, CkRwlock, CkBrlock, CkTicket, CkMcs>;

}  // namespace crosstalk::pool
