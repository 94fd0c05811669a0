// Counters in three kinds: behind a lock, by atomic instructions, and striped over cache lines.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "pool/cache_line.h"
#include "pool/guarded.h"

namespace crosstalk::pool {

// Linearizable. Progress: that of Lock.
template <ExclusiveLock Lock>
class LockedCounter {
 public:
  explicit LockedCounter(std::int64_t initial = 0) : value_(initial) {}

  std::int64_t increment(std::int64_t delta = 1) {
    return value_.write([delta](std::int64_t& value) { return value += delta; });
  }
  std::int64_t decrement(std::int64_t delta = 1) { return increment(-delta); }
  [[nodiscard]] std::int64_t get() const {
    return value_.read([](const std::int64_t& value) { return value; });
  }
  // Returns the value before.
  std::int64_t exchange(std::int64_t next) {
    return value_.write([next](std::int64_t& value) { return std::exchange(value, next); });
  }
  bool compare_and_swap(std::int64_t expected, std::int64_t next) {
    return value_.write([=](std::int64_t& value) {
      if (value != expected) return false;
      value = next;
      return true;
    });
  }

 private:
  Guarded<std::int64_t, Lock> value_;
};

// Linearizable and wait-free, compare_and_swap() included: one attempt, no retry.
class AtomicCounter {
 public:
  explicit AtomicCounter(std::int64_t initial = 0) noexcept : value_(initial) {}

  // relaxed (all below): a counter orders nothing but itself.
  std::int64_t increment(std::int64_t delta = 1) noexcept {
    return value_.fetch_add(delta, std::memory_order_relaxed) + delta;
  }
  std::int64_t decrement(std::int64_t delta = 1) noexcept { return increment(-delta); }
  [[nodiscard]] std::int64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }
  std::int64_t exchange(std::int64_t next) noexcept {
    return value_.exchange(next, std::memory_order_relaxed);
  }
  bool compare_and_swap(std::int64_t expected, std::int64_t next) noexcept {
    return value_.compare_exchange_strong(expected, next, std::memory_order_relaxed,
                                          std::memory_order_relaxed);
  }

 private:
  std::atomic<std::int64_t> value_;
};

// Spreads additions over cache lines, so that threads do not fight for one. There is no value at an instant: sum() is
// exact only while nobody adds, hence no operation returns a value and none compares. add() is wait-free.
class StripedCounter {
 public:
  StripedCounter() : stripes_(kStripes) {}

  void add(std::int64_t delta) noexcept {
    // relaxed: a statistic, summed when the adders are done.
    stripes_[stripe()]->fetch_add(delta, std::memory_order_relaxed);
  }

  [[nodiscard]] std::int64_t sum() const noexcept {
    std::int64_t sum = 0;
    // relaxed: see add().
    for (const auto& stripe : stripes_) sum += stripe->load(std::memory_order_relaxed);
    return sum;
  }

 private:
  static constexpr std::size_t kStripes = 16;

  // Threads take stripes in turn, once.
  static std::size_t stripe() noexcept {
    static std::atomic<std::size_t> next{0};
    // relaxed: any number will do.
    thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed) % kStripes;
    return mine;
  }

  std::vector<CacheAligned<std::atomic<std::int64_t>>> stripes_;
};

}  // namespace crosstalk::pool
