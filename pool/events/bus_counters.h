// bus_counters: what a bus counts, striped by thread.
//
// Each thread with a stripe of its own (PassRecord::stripe) adds by load and store; the others share one and add by
// read-modify-write. Sums are exact when nothing is under way. Progress: wait-free.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "pool/cache_line.h"
#include "pool/events/pass_record.h"

namespace crosstalk::pool::detail {

enum class BusCount : std::uint8_t {
  published,
  queued,
  started,
  delivered,
  failed,
  dropped,
  rejected,
  count_
};

class BusCounters {
 public:
  // On the thread of the record; null: a thread without one.
  void add(const PassRecord* record, BusCount what, std::uint64_t amount) noexcept {
    const unsigned stripe = record == nullptr ? kStripes : record->stripe;
    auto& counter = stripes_[stripe][static_cast<std::size_t>(what)];
    // relaxed (all): statistics; a stripe passes from thread to thread under the registry's lock.
    if (stripe != kStripes) {
      counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    } else {
      counter.fetch_add(amount, std::memory_order_relaxed);
    }
  }
  [[nodiscard]] std::uint64_t sum(BusCount what) const noexcept {
    std::uint64_t result = 0;
    for (const auto& stripe : stripes_) {
      // relaxed: as above.
      result += stripe[static_cast<std::size_t>(what)].load(std::memory_order_relaxed);
    }
    return result;
  }

 private:
  using Stripe = std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(BusCount::count_)>;
  struct alignas(kCacheLine) AlignedStripe : Stripe {};
  std::array<AlignedStripe, kStripes + 1> stripes_{};
};

}  // namespace crosstalk::pool::detail
