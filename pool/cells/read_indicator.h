// read_indicator: tells a writer when all who were reading have left, without readers waiting for anybody. Two versions of
// a striped counter: readers arrive at the version that is open; the writer opens the other one, so that new readers cannot
// keep it waiting. Source: Ramalhete and Correia, "Left-Right" (2013), section 3; the same scheme as in Sleepable RCU
// (McKenney 2006).
//
//   reader                              writer, one at a time
//   v = open                            publish the new state (seq_cst)
//   ++count[v][stripe]   (seq_cst)      wait: count[1 - open] all seen at 0 once
//   read what is published (seq_cst)    open = 1 - open
//   --count[v][stripe]                  wait: count[1 - open] all seen at 0 once
//
// Invariant: a reader that the writer does not see in its stripe arrives there later, and so finds what was published. A
// reader may have looked at `open` long before it arrives, hence both versions are waited for.
//
// Stripes: a thread takes that of its thread_number(), so that up to kStripes living threads have one each; threads
// without a number take one by a hash of their identity and share it. A stripe counts, so it may be shared by any number
// and a thread may arrive several times.
//
// Progress: arrive() and depart() are wait-free population oblivious. wait_for_readers() blocks while somebody who arrived
// before it is inside, or arrives late at the closed version: at most once a thread. No errors. Not destroyed with anybody inside.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "pool/cache_line.h"
#include "pool/cells/patience.h"
#include "pool/resources/thread_number.h"

namespace crosstalk::pool {

template <std::size_t kStripes>
class ReadIndicator {
 public:
  // Where a reader has arrived, to depart from.
  using Place = std::atomic<std::uint32_t>*;

  [[nodiscard]] Place arrive() noexcept {
    // acquire: the reader is at least as late as the writer that opened it (3).
    const std::uint32_t version = open_.load(std::memory_order_acquire);
    std::atomic<std::uint32_t>& count = stripes_[stripe()]->counts[version];
    // (1) - seq_cst: before the reader's look at what is published, in the single order with (4).
    count.fetch_add(1, std::memory_order_seq_cst);
    return &count;
  }

  static void depart(Place place) noexcept {
    // (2) - release: what the reader did happens before the return of the writer that sees it gone (4).
    place->fetch_sub(1, std::memory_order_release);
  }

  // Returns once all have left who arrived before something was published with seq_cst by this thread. One caller at a time.
  void wait_for_readers() noexcept {
    // relaxed: only this thread writes it now.
    const std::uint32_t closed = 1 - open_.load(std::memory_order_relaxed);
    wait_until_empty(closed);
    // (3) - seq_cst: after the first wait; who arrives later finds the other version closed.
    open_.store(closed, std::memory_order_seq_cst);
    wait_until_empty(1 - closed);
  }

 private:
  struct Stripe {
    std::array<std::atomic<std::uint32_t>, 2> counts{};  // of a version
  };

  static std::size_t stripe() noexcept {
    const std::uint32_t number = thread_number();
    if (number < kThreadNumbers) return number % kStripes;
    const auto identity = reinterpret_cast<std::uintptr_t>(&detail::this_thread_number);
    return static_cast<std::size_t>((std::uint64_t{identity} * 0x9E3779B97F4A7C15U) >> 40) % kStripes;
  }

  void wait_until_empty(std::uint32_t version) const noexcept {
    for (const auto& stripe : stripes_) {
      // (4) - seq_cst: after what was published, in the single order with (1). acquire: synchronizes with (2).
      Patience::until([&] { return stripe->counts[version].load(std::memory_order_seq_cst) == 0; });
    }
  }

  std::array<CacheAligned<Stripe>, kStripes> stripes_{};
  alignas(kCacheLine) std::atomic<std::uint32_t> open_{0};
};

}  // namespace crosstalk::pool
