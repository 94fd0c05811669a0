// The locks of the standard library, under the same contract form as our own. They are used as they are.
#pragma once

#include <mutex>
#include <shared_mutex>

#include "pool/contract.h"

namespace crosstalk::pool {

template <>
struct ContractOf<std::mutex> {
  static constexpr LockContract value{
      .parks = true, .algorithm = "three-state futex, barging", .source = "C++ standard library"};
};

// glibc's reader-writer lock prefers readers: writers may starve.
template <>
struct ContractOf<std::shared_mutex> {
  static constexpr LockContract value{.shared = true,
                                      .parks = true,
                                      .algorithm = "pthread_rwlock, prefers readers",
                                      .source = "C++ standard library"};
};

}  // namespace crosstalk::pool
