// null_lock: excludes nobody. The floor under every other lock; only right where one thread runs.
// Progress: wait-free.
#pragma once

#include "pool/contract.h"

namespace crosstalk::pool {

class NullLock {
 public:
  static constexpr LockContract kContract{
      .exclusive = false, .shared = true, .one_thread = true, .algorithm = "nothing", .source = "the floor"};

  void lock() noexcept {}
  bool try_lock() noexcept { return true; }
  void unlock() noexcept {}
  void lock_shared() noexcept {}
  bool try_lock_shared() noexcept { return true; }
  void unlock_shared() noexcept {}
};

}  // namespace crosstalk::pool
