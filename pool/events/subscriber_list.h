// subscriber_list: the subscriptions of a topic in the order of subscribing, contiguous, read without a lock.
//
// Invariant: entries [0, size) never change while the list lives. Subscribing appends in place; where there is no room a
// copy without the closed ones takes its place, and the old list is retired: freed once no pass reads it
// (PassSlot::list). Closed subscriptions stay until the next copy and are skipped by their `closed` bit, so that each
// subscribing and unsubscribing costs O(1) on average.
//
// Ownership: holds a reference to each entry. Progress: reading is wait-free; changes are made under the bus's lock.
#pragma once

#include <atomic>
#include <cstddef>
#include <new>

#include "pool/events/subscription.h"

namespace crosstalk::pool::detail {

class SubscriberList {
 public:
  // With the open ones of `from`, if any, and room for at least `room` more. Throws std::bad_alloc.
  static SubscriberList* make(const SubscriberList* from, std::size_t room) {
    const std::size_t open = from == nullptr ? 0 : from->size() - from->closed;
    const std::size_t capacity = open + (room > open ? room : open);
    // NOLINTNEXTLINE(bugprone-sizeof-expression): it is the pointers that stand in the list
    void* const memory = ::operator new(sizeof(SubscriberList) + capacity * sizeof(Subscription*));
    auto* const list = new (memory) SubscriberList(capacity);
    for (std::size_t i = 0; from != nullptr && i < from->size(); ++i) {
      Subscription* const entry = from->begin()[i];
      if (entry->closed()) continue;
      entry->retain();
      list->append(*entry);
    }
    return list;
  }
  static void free(SubscriberList* list) noexcept {
    for (std::size_t i = 0; i < list->size(); ++i) list->begin()[i]->release();
    list->~SubscriberList();
    ::operator delete(static_cast<void*>(list));
  }
  SubscriberList(const SubscriberList&) = delete;
  SubscriberList& operator=(const SubscriberList&) = delete;

  // Takes over the caller's reference. There must be room.
  void append(Subscription& subscription) noexcept {
    // relaxed: written under the bus's lock, which is held.
    const std::size_t place = size_.load(std::memory_order_relaxed);
    if (subscription.dispatch() != Dispatch::inlined) {
      // relaxed: published by (1).
      queued_.store(queued_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    begin()[place] = &subscription;
    // (1) - release: synchronizes with size() (2).
    size_.store(place + 1, std::memory_order_release);
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return size_.load(std::memory_order_acquire);  // (2) - acquire: synchronizes with append() (1)
  }
  [[nodiscard]] bool full() const noexcept { return size() == capacity_; }
  [[nodiscard]] Subscription* const* begin() const noexcept {
    return reinterpret_cast<Subscription* const*>(this + 1);
  }
  // At least as many as there are among the first size() ones, if asked after size().
  [[nodiscard]] std::size_t queued() const noexcept {
    return queued_.load(std::memory_order_relaxed);  // relaxed: ordered by size() before it
  }

  // Guarded by the bus's lock:
  std::size_t closed = 0;
  SubscriberList* next_retired = nullptr;

 private:
  explicit SubscriberList(std::size_t capacity) noexcept : capacity_(capacity) {}
  ~SubscriberList() = default;
  [[nodiscard]] Subscription** begin() noexcept { return reinterpret_cast<Subscription**>(this + 1); }

  std::atomic<std::size_t> size_{0};
  std::atomic<std::size_t> queued_{0};
  const std::size_t capacity_;
};
static_assert(sizeof(SubscriberList) % alignof(Subscription*) == 0);

}  // namespace crosstalk::pool::detail
