// waiter_queue: threads that wait for something in the order in which they came, and are handed it one by one. What is
// handed over never lies about in between, so nobody who comes later can take it first.
//
// Guarded by a lock of its owner: every member of the queue is called with that lock held. Only Waiter::wait_until() is
// called without it.
//
//   word of a waiter   in the queue   meaning
//   waiting            yes            parked, or about to park
//   granted            no             `grant` is its own
//   closed             no             it gets nothing any more
//
// Progress: all O(1) but close(), which is O(waiters); none of them waits. The nodes live on the stacks of the waiters.
#pragma once

#include <atomic>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "pool/sync/futex.h"

namespace crosstalk::pool {

template <class Grant>
class WaiterQueue {
 public:
  // What to wake once the lock is released, if anything. The waiter may be gone by then: the kernel is given the address
  // alone, and whoever sleeps on another word there takes it for a wake-up without a reason.
  class Wake {
   public:
    Wake() = default;
    explicit Wake(const std::uint32_t* word) noexcept : where_(word) {}
    void operator()() const noexcept {
      if (where_ != nullptr) futex_wake(where_, INT_MAX);
    }

   private:
    const std::uint32_t* where_ = nullptr;
  };

  class Waiter {
   public:
    Waiter() = default;
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    // Parks until the waiter is out of the queue or the deadline has passed.
    void wait_until(Deadline deadline) noexcept {
      bool in_time = true;
      while (in_time && waiting()) in_time = futex_wait(address(), kWaiting, deadline);
    }
    // To be asked with the lock held.
    [[nodiscard]] bool granted() const noexcept {
      // acquire: synchronizes with hand_over() (2), as (1).
      return word_.load(std::memory_order_acquire) == kGranted;
    }

    Grant grant{};

   private:
    friend class WaiterQueue;
    static constexpr std::uint32_t kWaiting = 0, kGranted = 1, kClosed = 2;

    [[nodiscard]] bool waiting() const noexcept {
      // (1) - acquire: synchronizes with hand_over() (2), so that the grant is seen with the word.
      return word_.load(std::memory_order_acquire) == kWaiting;
    }
    Wake leave(std::uint32_t word) noexcept {
      const Wake wake(address());
      // (2) - release: synchronizes with the waiter's look (1). The last access to the waiter.
      word_.store(word, std::memory_order_release);
      return wake;
    }
    // For the kernel alone.
    [[nodiscard]] const std::uint32_t* address() const noexcept {
      return reinterpret_cast<const std::uint32_t*>(&word_);
    }

    std::atomic<std::uint32_t> word_{kWaiting};
    Waiter* before_ = nullptr;
    Waiter* after_ = nullptr;
  };

  WaiterQueue() = default;
  WaiterQueue(const WaiterQueue&) = delete;
  WaiterQueue& operator=(const WaiterQueue&) = delete;

  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  void push(Waiter& waiter) noexcept {
    waiter.before_ = last_;
    (last_ == nullptr ? first_ : last_->after_) = &waiter;
    last_ = &waiter;
    ++size_;
  }

  // Takes the waiter out. False if it is out already, by a grant or by the end.
  [[nodiscard]] bool remove(Waiter& waiter) noexcept {
    if (!waiter.waiting()) return false;
    unlink(waiter);
    return true;
  }

  // To the one who has waited longest. There must be one.
  [[nodiscard]] Wake hand_over(Grant grant) noexcept {
    Waiter& waiter = *first_;
    unlink(waiter);
    waiter.grant = std::move(grant);
    return waiter.leave(Waiter::kGranted);
  }

  // Nobody gets anything any more. Returns how many waited.
  std::size_t close() noexcept {
    const std::size_t closed = size_;
    while (first_ != nullptr) {
      Waiter& waiter = *first_;
      unlink(waiter);
      waiter.leave(Waiter::kClosed)();
    }
    return closed;
  }

 private:
  void unlink(Waiter& waiter) noexcept {
    (waiter.before_ == nullptr ? first_ : waiter.before_->after_) = waiter.after_;
    (waiter.after_ == nullptr ? last_ : waiter.after_->before_) = waiter.before_;
    --size_;
  }

  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
  std::size_t size_ = 0;
};
static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

}  // namespace crosstalk::pool
