// connection_lease: a connection on loan from a pool, or the reason why there is none. See connection_pool.h.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

namespace crosstalk::pool {

enum class AcquireStatus : std::uint8_t { ok, timed_out, closed };

// A connection and its ages.
template <class Connection, class Clock>
struct HeldConnection {
  std::unique_ptr<Connection> connection;
  typename Clock::time_point opened{};
  typename Clock::time_point idle_since{};
};

// Move-only; to be used by one thread at a time. Ends its loan when it is destroyed, moved to or given back.
template <class Pool>
class ConnectionLease {
 public:
  using Held = typename Pool::Held;
  using Connection = typename Pool::ConnectionType;

  ConnectionLease() = default;
  ConnectionLease(ConnectionLease&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)),
        held_(std::move(other.held_)),
        status_(other.status_),
        broken_(other.broken_) {}
  ConnectionLease& operator=(ConnectionLease&& other) noexcept {
    if (this != &other) {
      give_back();
      pool_ = std::exchange(other.pool_, nullptr);
      held_ = std::move(other.held_);
      status_ = other.status_;
      broken_ = other.broken_;
    }
    return *this;
  }
  ~ConnectionLease() { give_back(); }

  explicit operator bool() const noexcept { return pool_ != nullptr; }
  [[nodiscard]] AcquireStatus status() const noexcept { return status_; }
  Connection& operator*() const noexcept { return *held_.connection; }
  Connection* operator->() const noexcept { return held_.connection.get(); }

  // The connection is destroyed instead of lent again.
  void mark_broken() noexcept { broken_ = true; }
  // Ends the loan now.
  void give_back() noexcept {
    if (pool_ != nullptr) std::exchange(pool_, nullptr)->end_loan(std::move(held_), broken_);
  }

 private:
  friend Pool;
  explicit ConnectionLease(AcquireStatus status) noexcept : status_(status) {}
  ConnectionLease(Pool& pool, Held held) noexcept
      : pool_(&pool), held_(std::move(held)), status_(AcquireStatus::ok) {}

  Pool* pool_ = nullptr;
  Held held_;
  AcquireStatus status_ = AcquireStatus::closed;
  bool broken_ = false;
};

}  // namespace crosstalk::pool
