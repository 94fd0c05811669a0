// The lock of Abseil under the member names of the standard. Shared mode included; not to be unlocked by another thread.
#pragma once

#include <tuple>

#include <absl/synchronization/mutex.h>

#include "pool/contract.h"
#include "pool/locks/peers/tsan_marks.h"

namespace crosstalk::pool {

class AbslMutex {
 public:
  static constexpr LockContract kContract{.shared = true,
                                          .parks = true,
                                          .algorithm = "queue in one word, spins, then sleeps",
                                          .source = "Abseil Mutex"};

  void lock() {
    mutex_.Lock();
    mark_acquired(this);
  }
  bool try_lock() {
    const bool got = mutex_.TryLock();
    if (got) mark_acquired(this);
    return got;
  }
  void unlock() {
    mark_releasing(this);
    mutex_.Unlock();
  }
  void lock_shared() {
    mutex_.ReaderLock();
    mark_acquired(this);
  }
  bool try_lock_shared() {
    const bool got = mutex_.ReaderTryLock();
    if (got) mark_acquired(this);
    return got;
  }
  void unlock_shared() {
    mark_releasing(this);
    mutex_.ReaderUnlock();
  }

 private:
  absl::Mutex mutex_;
};

using AbslLocks = std::tuple<AbslMutex>;

}  // namespace crosstalk::pool
