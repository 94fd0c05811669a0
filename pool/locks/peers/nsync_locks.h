// nsync_mu, the lock from which Abseil's design comes, under the member names of the standard. Not to be unlocked by another
// thread.
#pragma once

#include <tuple>

#include <nsync_atomic.h>
#include <nsync_cpp.h>
#include <nsync_mu.h>

#include "pool/contract.h"
#include "pool/locks/peers/tsan_marks.h"

namespace crosstalk::pool {

class NsyncMu {
 public:
  // Waiters that have been woken too often without success set a bit that keeps newcomers out.
  static constexpr LockContract kContract{.shared = true,
                                          .parks = true,
                                          .algorithm = "barging, long waiters keep newcomers out, sleeps",
                                          .source = "nsync"};

  NsyncMu() { nsync::nsync_mu_init(&mutex_); }
  NsyncMu(const NsyncMu&) = delete;
  NsyncMu& operator=(const NsyncMu&) = delete;

  void lock() {
    nsync::nsync_mu_lock(&mutex_);
    mark_acquired(this);
  }
  bool try_lock() {
    const bool got = nsync::nsync_mu_trylock(&mutex_) != 0;
    if (got) mark_acquired(this);
    return got;
  }
  void unlock() {
    mark_releasing(this);
    nsync::nsync_mu_unlock(&mutex_);
  }
  void lock_shared() {
    nsync::nsync_mu_rlock(&mutex_);
    mark_acquired(this);
  }
  bool try_lock_shared() {
    const bool got = nsync::nsync_mu_rtrylock(&mutex_) != 0;
    if (got) mark_acquired(this);
    return got;
  }
  void unlock_shared() {
    mark_releasing(this);
    nsync::nsync_mu_runlock(&mutex_);
  }

 private:
  nsync::nsync_mu mutex_;
};

using NsyncLocks = std::tuple<NsyncMu>;

}  // namespace crosstalk::pool
