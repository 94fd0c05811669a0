// Counters in three kinds: behind a lock, by atomic instructions, and striped over cache lines. All count modulo 2^64: past
// the greatest value comes the least. None allocates after it was made, none throws.
//
// The first two are linearizable and interchangeable: an operation that sees another one's result sees what its thread did
// before. The third is for counts that are only read when nobody counts.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <utility>
#include <vector>

#include "pool/cache_line.h"
#include "pool/guarded.h"

namespace crosstalk::pool {

// Progress: that of Lock.
template <ExclusiveLock Lock>
class LockedCounter {
 public:
  explicit LockedCounter(std::int64_t initial = 0) : value_(initial) {}

  // Returns the value after.
  std::int64_t increment(std::int64_t delta = 1) {
    return value_.write([delta](std::int64_t& value) { return value = sum_of(value, delta); });
  }
  std::int64_t decrement(std::int64_t delta = 1) {
    return value_.write([delta](std::int64_t& value) { return value = difference_of(value, delta); });
  }
  [[nodiscard]] std::int64_t get() const {
    return value_.read([](const std::int64_t& value) { return value; });
  }
  // Returns the value before.
  std::int64_t exchange(std::int64_t next) {
    return value_.write([next](std::int64_t& value) { return std::exchange(value, next); });
  }
  // False, and nothing changed, if the value is not `expected`.
  bool compare_and_swap(std::int64_t expected, std::int64_t next) {
    return value_.write([=](std::int64_t& value) {
      if (value != expected) return false;
      value = next;
      return true;
    });
  }

 private:
  // Modulo 2^64, which signed arithmetic is not.
  static std::int64_t sum_of(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  }
  static std::int64_t difference_of(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
  }

  Guarded<std::int64_t, Lock> value_;
};

// Progress: wait-free, compare_and_swap() included: one attempt, no retry.
class AtomicCounter {
 public:
  explicit AtomicCounter(std::int64_t initial = 0) noexcept : value_(bits(initial)) {}

  // (1) - acq_rel (all read-modify-writes): each synchronizes with those whose value it finds, as behind a lock.
  std::int64_t increment(std::int64_t delta = 1) noexcept {
    return after(value_.fetch_add(bits(delta), std::memory_order_acq_rel) + bits(delta));
  }
  std::int64_t decrement(std::int64_t delta = 1) noexcept {
    // acq_rel: as (1).
    return after(value_.fetch_sub(bits(delta), std::memory_order_acq_rel) - bits(delta));
  }
  [[nodiscard]] std::int64_t get() const noexcept {
    // acquire: synchronizes with (1).
    return after(value_.load(std::memory_order_acquire));
  }
  std::int64_t exchange(std::int64_t next) noexcept {
    // acq_rel: as (1).
    return after(value_.exchange(bits(next), std::memory_order_acq_rel));
  }
  bool compare_and_swap(std::int64_t expected, std::int64_t next) noexcept {
    std::uint64_t seen = bits(expected);
    // acq_rel: as (1). acquire: a failure is a get().
    return value_.compare_exchange_strong(seen, bits(next), std::memory_order_acq_rel,
                                          std::memory_order_acquire);
  }

 private:
  static std::uint64_t bits(std::int64_t value) { return static_cast<std::uint64_t>(value); }
  static std::int64_t after(std::uint64_t value) { return static_cast<std::int64_t>(value); }

  std::atomic<std::uint64_t> value_;
};

// Spreads additions over cache lines, so that threads do not fight for one. There is no value at an instant: sum() is
// exact only while nobody adds, hence no operation returns a value and none compares. Both are wait-free. 2 KB a counter.
class StripedCounter {
 public:
  // `memory` outlives the counter.
  explicit StripedCounter(std::pmr::memory_resource* memory = std::pmr::new_delete_resource())
      : stripes_(kStripes, memory) {}

  // relaxed: a statistic, summed when the adders are done. Who adds and then looks for what a summer has stored before it sums
  // takes seq_cst on both sides.
  void add(std::int64_t delta, std::memory_order order = std::memory_order_relaxed) noexcept {
    stripes_[stripe()]->fetch_add(static_cast<std::uint64_t>(delta), order);
  }

  // relaxed: see add().
  [[nodiscard]] std::int64_t sum(std::memory_order order = std::memory_order_relaxed) const noexcept {
    std::uint64_t sum = 0;
    for (const auto& stripe : stripes_) sum += stripe->load(order);
    return static_cast<std::int64_t>(sum);
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

  std::pmr::vector<CacheAligned<std::atomic<std::uint64_t>>> stripes_;
};

}  // namespace crosstalk::pool
