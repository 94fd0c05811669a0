// Another program that locks the store's database for some milliseconds whenever it is asked to: fault `busy`.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "pool/sync/event_count.h"

namespace crosstalk::harness {

class StoreBlocker {
 public:
  // The database must exist.
  explicit StoreBlocker(const std::string& database);
  ~StoreBlocker();
  StoreBlocker(const StoreBlocker&) = delete;
  StoreBlocker& operator=(const StoreBlocker&) = delete;

  // Does not wait. While the lock is held, asking again does nothing.
  void block() noexcept;

  // Times that the lock was taken.
  [[nodiscard]] std::uint64_t times() const noexcept {
    return times_.load(std::memory_order_relaxed);  // relaxed: a statistic
  }

 private:
  enum class Wish : std::uint8_t { nothing, block, end };

  void run(const std::string& database) noexcept;

  std::atomic<Wish> wish_{Wish::nothing};
  std::atomic<std::uint64_t> times_{0};
  pool::EventCount wished_;
  std::thread thread_;
};

}  // namespace crosstalk::harness
