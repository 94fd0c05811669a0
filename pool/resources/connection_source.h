// connection_source: where the connections of a pool come from, and when one is no longer fit to be handed out.
// See connection_pool.h. Immutable; its calls may run on several threads at once, as may the two functions it is given.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>

#include "pool/resources/connection_lease.h"
#include "pool/resources/connection_pool_stats.h"

namespace crosstalk::pool {

// A connection failed its validation, and so did its replacement.
struct BrokenConnection : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class Connection, class Clock>
class ConnectionSource {
 public:
  using Held = HeldConnection<Connection, Clock>;
  using Factory = std::function<std::unique_ptr<Connection>()>;
  using Validation = std::function<bool(Connection&)>;  // whether it may be handed out

  // Throws std::invalid_argument without a factory. Without a validation every connection is good.
  ConnectionSource(const ConnectionPoolOptions& options, Factory factory, Validation validation)
      : max_lifetime_(options.max_lifetime),
        max_idle_(options.max_idle),
        factory_(std::move(factory)),
        validation_(std::move(validation)) {
    if (!factory_) throw std::invalid_argument("ConnectionPool: needs a factory");
  }

  // Throws what the factory throws, and std::logic_error where it returns nothing.
  [[nodiscard]] Held open() const {
    Held held{factory_(), Clock::now(), Clock::now()};
    if (!held.connection) throw std::logic_error("ConnectionPool: the factory returned no connection");
    return held;
  }

  // A validation that throws says no.
  [[nodiscard]] bool valid(Connection& connection) const noexcept {
    try {
      return !validation_ || validation_(connection);
    } catch (...) {
      return false;
    }
  }

  [[nodiscard]] bool expired(const Held& held) const noexcept {
    return max_lifetime_ != kForEver && Clock::now() - held.opened >= max_lifetime_;
  }
  [[nodiscard]] bool idle_too_long(const Held& held) const noexcept {
    return max_idle_ != kForEver && Clock::now() - held.idle_since >= max_idle_;
  }
  void begin_idling(Held& held) const noexcept {
    if (max_idle_ != kForEver) held.idle_since = Clock::now();
  }

 private:
  static constexpr auto kForEver = std::chrono::nanoseconds::max();

  const std::chrono::nanoseconds max_lifetime_;
  const std::chrono::nanoseconds max_idle_;
  const Factory factory_;
  const Validation validation_;
};

}  // namespace crosstalk::pool
