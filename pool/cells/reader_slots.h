// reader_slots: grace periods for readers that write nothing but a slot of their own. After Desnoyers, McKenney, Stern,
// Dagenais and Walpole, "User-Level Implementations of Read-Copy Update" (IEEE TPDS 23(2), 2012), the general-purpose flavour
// with membarrier.
//
//   reader                          writer, one at a time
//   slot = epoch                    publish the new state (seq_cst)
//   read what is published          ++epoch; wait: every slot is 0 or not below the new epoch
//   slot = 0
//
// Invariant: between the reader's store and its look at what is published stands a full barrier, and one between the writer's
// publication and its look at the slot (asymmetric_barrier.h: the reader's is free where the kernel has membarrier). So
// either the writer sees the reader, or the reader sees what was published.
//
// Slots are found by thread_number(): at most kThreadNumbers living threads have one, and a thread that ends gives its
// number, with a slot that is 0, to a later one. Threads beyond that, and those whose thread-local objects are being destroyed,
// share the counters of a ReadIndicator: slower, as right. A thread may read inside a read: the slot stays as the
// outer one has left it.
//
// Progress: a Stay is wait-free. wait_for_readers() blocks while a reader that came before the publication is inside; it makes
// a system call where the barrier is asymmetric. No errors. 10 KB. Not destroyed with anybody inside.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "pool/cache_line.h"
#include "pool/cells/patience.h"
#include "pool/cells/read_indicator.h"
#include "pool/resources/thread_number.h"
#include "pool/sync/asymmetric_barrier.h"

namespace crosstalk::pool {

class ReaderSlots {
  using Slot = std::atomic<std::uint64_t>;
  using Others = ReadIndicator<16>;

 public:
  ReaderSlots() noexcept { detail::decide_barrier_mode(); }

  // The calling thread reads, from here to the end of this object.
  class Stay {
   public:
    explicit Stay(ReaderSlots& slots) noexcept {
      const std::uint32_t number = thread_number();
      if (number >= kThreadNumbers) {
        shared_ = slots.others_.arrive();
        return;
      }
      Slot& slot = *slots.slots_[number];
      // relaxed: only this thread writes it.
      if (slot.load(std::memory_order_relaxed) != kNobody) return;
      own_ = &slot;
      // acquire: synchronizes with (3): who shows the new epoch sees what was published before it.
      enter(slot, slots.epoch_.load(std::memory_order_acquire));
    }
    ~Stay() {
      // (1) - release: what the reader did happens before the return of the writer that sees the slot empty (4).
      if (own_ != nullptr) own_->store(kNobody, std::memory_order_release);
      if (shared_ != nullptr) Others::depart(shared_);
    }
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;

   private:
    Slot* own_ = nullptr;             // where this is the outermost read of a thread with a slot
    Others::Place shared_ = nullptr;  // of a thread without one
  };

  // Returns once all have left who came before something was published with seq_cst by this thread. One caller at a time.
  void wait_for_readers() noexcept {
    // (3) - seq_cst: after the publication. release: a reader that finds the new epoch finds what was published.
    const std::uint64_t epoch = epoch_.fetch_add(1, std::memory_order_seq_cst) + 1;
    detail::heavy_barrier();
    for (const auto& slot : slots_) {
      Patience::until([&] {
        // (4) - seq_cst: after the publication, in the single order with (2) where the barrier is symmetric. acquire:
        // synchronizes with (1), or with the entry (2) of a later read that follows it.
        const std::uint64_t seen = slot->load(std::memory_order_seq_cst);
        return seen == kNobody || seen >= epoch;
      });
    }
    others_.wait_for_readers();
  }

 private:
  static constexpr std::uint64_t kNobody = 0;

  static void enter(Slot& slot, std::uint64_t epoch) noexcept {
    if (detail::barrier_is_asymmetric()) {
      // (2) - release: what an earlier read of this thread did, for the writer that sees this one only (4). The barrier
      // orders it before the look at what is published.
      slot.store(epoch, std::memory_order_release);
      detail::light_barrier();
    } else {
      // (2) - seq_cst: as above, and before the look at what is published, in the single order with (4).
      slot.store(epoch, std::memory_order_seq_cst);
    }
  }

  std::array<CacheAligned<Slot>, kThreadNumbers> slots_{};
  Others others_;
  alignas(kCacheLine) std::atomic<std::uint64_t> epoch_{1};
};

}  // namespace crosstalk::pool
