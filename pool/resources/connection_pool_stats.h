// What a connection pool is made with, and what it has counted.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace crosstalk::pool {

struct ConnectionPoolOptions {
  static constexpr std::size_t kMost = 65'536;

  std::size_t min = 1;  // opened at once, and kept by maintain()
  std::size_t max = 4;  // never more are open
  std::chrono::nanoseconds max_lifetime = std::chrono::nanoseconds::max();  // an older one is not handed out
  std::chrono::nanoseconds max_idle = std::chrono::nanoseconds::max();  // maintain() closes those above `min`

  // Throws std::invalid_argument.
  void check() const {
    if (max < 1 || max > kMost) {
      throw std::invalid_argument("ConnectionPool: max must be between 1 and 65536, got " +
                                  std::to_string(max));
    }
    if (min > max) {
      throw std::invalid_argument("ConnectionPool: min must be at most max (" + std::to_string(max) +
                                  "), got " + std::to_string(min));
    }
  }
};

// Exact whenever nobody is inside a call:
//   calls of the acquire forms = acquired + failed + timed_out + refused
//   acquired = returned + leased
//   opened = broken + expired + trimmed + closed + idle + leased
struct ConnectionPoolStats {
  std::uint64_t acquired = 0;   // leases given out
  std::uint64_t returned = 0;   // leases that came back
  std::uint64_t waited = 0;     // acquisitions that had to wait in the queue
  std::uint64_t timed_out = 0;  // acquisitions that ended with their deadline
  std::uint64_t refused = 0;    // acquisitions that found the pool closed, or saw it close
  std::uint64_t failed = 0;     // acquisitions that ended with an exception
  std::uint64_t opened = 0;     // connections that the factory made
  std::uint64_t broken = 0;     // destroyed: failed the validation, or marked so by its holder
  std::uint64_t expired = 0;    // destroyed: past max_lifetime
  std::uint64_t trimmed = 0;    // destroyed by maintain(): idle for longer than max_idle
  std::uint64_t closed = 0;     // destroyed by the end of the pool
  std::size_t idle = 0;         // of this moment
  std::size_t leased = 0;       // of this moment, those being opened or checked among them
  std::size_t waiting = 0;      // of this moment
  std::size_t leased_peak = 0;
};

}  // namespace crosstalk::pool
