// pass_record: what each thread shows of the passes it is in, so that others can wait for exactly those that matter. A
// pass is one publish(), one turn of a pooled drain or one callback thread; passes nest, each has a slot.
//
// Slot: | bus: whose pass | table, list: what it reads (hazard pointers, Michael, IEEE TPDS 2004) | current: the
// subscription whose callback it may be in |. Only its thread writes a slot. Every store comes before a load that tells
// whether the thing is still there, with light_barrier() between; the other side takes it away, calls heavy_barrier() and
// scans. So either the thread sees that it is gone, or the scan sees the slot.
//
// `order` is release where the barrier is asymmetric, else seq_cst: see asymmetric_barrier.h.
//
// Progress: everything a pass does is wait-free, except the first use by a thread, which takes the registry's lock. Scans
// take that lock.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "pool/cache_line.h"
#include "pool/sync/asymmetric_barrier.h"

namespace crosstalk::pool::detail {

inline constexpr unsigned kMostNestedPasses = 16;
inline constexpr unsigned kStripes = 16;  // threads with counters of their own; the others share one more

struct PassSlot {
  std::atomic<const void*> bus{nullptr};
  std::atomic<const void*> table{nullptr};
  std::atomic<const void*> list{nullptr};
  std::atomic<const void*> current{nullptr};
};

// Something to be done when this thread has left all its passes.
struct AfterPasses {
  AfterPasses* next = nullptr;
  void (*run)(AfterPasses&) noexcept = nullptr;
};

struct alignas(kCacheLine) PassRecord {
  std::array<PassSlot, kMostNestedPasses> slots;
  // From here on for its own thread only.
  unsigned depth = 0;
  unsigned stripe = kStripes;
  bool attention = false;  // `after` is not empty, or the record ends with its last pass
  bool late = false;       // made while its thread ends
  AfterPasses* after = nullptr;
  PassRecord* next = nullptr;  // guarded by the registry's lock
  PassRecord* previous = nullptr;
};

// constinit: no check and no call on each use.
inline thread_local constinit PassRecord* own_record = nullptr;

// The first use by a thread. Allocates only while the thread's own variables are being destroyed.
PassRecord& register_thread();

[[nodiscard]] inline PassRecord& pass_record() {
  return own_record != nullptr ? *own_record : register_thread();
}
[[nodiscard]] inline bool inside_pass() noexcept {
  return own_record != nullptr && own_record->depth > 0;
}
[[nodiscard]] inline bool pass_possible() {
  return pass_record().depth < kMostNestedPasses;
}

// Runs `after` when this thread has left all its passes; it must be inside one.
void run_after_passes(AfterPasses& after) noexcept;
// Leaves a record whose `attention` is set.
void attend(PassRecord& record) noexcept;
[[noreturn]] void throw_nested_too_deep();

// How many threads wait for a pass to end.
inline std::atomic<std::uint32_t> pass_waiters{0};
void notify_pass_waiters() noexcept;

enum class Whose : bool { any, others };

// Scans. Each wants a heavy_barrier() between the store that takes the thing away and the call.
[[nodiscard]] bool is_read(const void* table_or_list) noexcept;
[[nodiscard]] bool is_called(const void* subscription, Whose whose) noexcept;
// Returns once no other thread is in a pass of the bus.
void wait_for_passes(const void* bus) noexcept;

template <std::memory_order order>
class Pass {
 public:
  // Throws std::length_error where it would be nested deeper than kMostNestedPasses.
  explicit Pass(const void* bus) : record_(pass_record()) {
    if (record_.depth == kMostNestedPasses) [[unlikely]] {
      throw_nested_too_deep();
    }
    slot_ = &record_.slots[record_.depth++];
    slot_->bus.store(bus, order);
  }
  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;
  ~Pass() {
    // (1) - release: synchronizes with the loads of a scan (2), which frees what was read here.
    slot_->list.store(nullptr, std::memory_order_release);
    slot_->table.store(nullptr, std::memory_order_release);
    slot_->bus.store(nullptr, order);
    light_barrier();
    --record_.depth;
    // seq_cst: total order with the waiter's increment and its scan, if the barrier is symmetric.
    if (pass_waiters.load(std::memory_order_seq_cst) != 0) [[unlikely]] {
      notify_pass_waiters();
    }
    if (record_.attention) [[unlikely]] {
      attend(record_);
    }
  }

  [[nodiscard]] PassRecord& record() const noexcept { return record_; }
  [[nodiscard]] PassSlot& slot() const noexcept { return *slot_; }

  // What `from` points at, kept from being freed by showing it in `guard` (of this slot).
  template <class T>
  [[nodiscard]] const T* protect(std::atomic<const void*>& guard,
                                 const std::atomic<T*>& from) const noexcept {
    // acquire: synchronizes with the store that published it, as do the loads below.
    const T* seen = from.load(std::memory_order_acquire);
    while (seen != nullptr) {
      guard.store(seen, order);
      light_barrier();
      // seq_cst: total order with the store of its successor, if the barrier is symmetric.
      const T* again = from.load(std::memory_order_seq_cst);
      if (again == seen) break;
      seen = again;
    }
    return seen;
  }

 private:
  PassRecord& record_;
  PassSlot* slot_;
};

}  // namespace crosstalk::pool::detail
