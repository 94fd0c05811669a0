// The reader-writer lock of Boost.Thread, used as it is.
#pragma once

#include <tuple>

#include <boost/thread/shared_mutex.hpp>

#include "pool/contract.h"

namespace crosstalk::pool {

template <>
struct ContractOf<boost::shared_mutex> {
  static constexpr LockContract value{.shared = true,
                                      .parks = true,
                                      .algorithm = "mutex and condition variables, writers hold back readers",
                                      .source = "Boost.Thread"};
};

using BoostLocks = std::tuple<boost::shared_mutex>;

}  // namespace crosstalk::pool
