// receipt: how whoever hands something to the message store learns what became of it.
//
// A Completion is a plain function with two words for its caller, so that handing it over costs nothing. A Receipt is a
// completion to wait for.
#pragma once

#include <atomic>
#include <climits>
#include <cstdint>

#include "pool/resources/store_error.h"
#include "pool/sync/futex.h"

namespace crosstalk::pool {

// What became of an entry. Fault `none`: it is stored, as durably as the store was told to.
struct StoreResult {
  StoreFault fault = StoreFault::none;
  int sqlite_code = 0;

  [[nodiscard]] bool ok() const noexcept { return fault == StoreFault::none; }
  friend bool operator==(const StoreResult&, const StoreResult&) = default;
};

// Called exactly once for every entry that was queued, by the writer, in the order of the queue, without a lock held. It
// holds up all that come after, and must not close or destroy the store. It may append: where a caller would have to wait
// for space, it gets AppendStatus::full.
struct Completion {
  void (*done)(void* context, std::uint64_t tag, StoreResult result) noexcept = nullptr;  // none: nobody asks
  void* context = nullptr;
  std::uint64_t tag = 0;

  void operator()(StoreResult result) const noexcept {
    if (done != nullptr) done(context, tag, result);
  }
};

// word_: | 31..16 SQLite's code | 15..8 fault | 0 done |
//
// For one entry at a time, and to be waited for before it is destroyed. Progress: ready() and result() are wait-free, the
// waits block.
class Receipt {
 public:
  Receipt() = default;
  Receipt(const Receipt&) = delete;
  Receipt& operator=(const Receipt&) = delete;

  [[nodiscard]] Completion completion() noexcept { return {&Receipt::fill, this, 0}; }

  [[nodiscard]] bool ready() const noexcept {
    // (1) - acquire: synchronizes with fill() (2), so that what the writer did before is seen.
    return (word_.load(std::memory_order_acquire) & kDone) != 0;
  }
  StoreResult wait() noexcept {
    static_cast<void>(wait_until(kNoDeadline));
    return result();
  }
  // False if the deadline passed first; the store still has the receipt then.
  [[nodiscard]] bool wait_until(Deadline deadline) noexcept {
    bool in_time = true;
    while (in_time && !ready()) in_time = futex_wait(address(), 0, deadline);
    return ready();
  }
  // Once it is ready.
  [[nodiscard]] StoreResult result() const noexcept {
    // relaxed: ready() has ordered it, and it does not change any more.
    const std::uint32_t word = word_.load(std::memory_order_relaxed);
    return {static_cast<StoreFault>((word >> 8) & 0xff), static_cast<int>(word >> 16)};
  }

 private:
  static constexpr std::uint32_t kDone = 1;

  static void fill(void* self, std::uint64_t /*tag*/, StoreResult result) noexcept {
    auto& receipt = *static_cast<Receipt*>(self);
    const std::uint32_t* const address = receipt.address();
    const auto code = static_cast<std::uint32_t>(result.sqlite_code) << 16;
    // (2) - release: synchronizes with ready() (1). The receipt may be gone from here on: the kernel gets the address
    // alone, and whoever else sleeps there by now takes it for a wake-up without a reason.
    receipt.word_.store(code | static_cast<std::uint32_t>(result.fault) << 8 | kDone,
                        std::memory_order_release);
    futex_wake(address, INT_MAX);
  }
  // For the kernel alone.
  [[nodiscard]] const std::uint32_t* address() const noexcept {
    return reinterpret_cast<const std::uint32_t*>(&word_);
  }

  std::atomic<std::uint32_t> word_{0};
};

}  // namespace crosstalk::pool
