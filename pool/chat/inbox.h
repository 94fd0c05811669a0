// The inbox of one client: deliveries wait here until the client receives them.
//
// Invariant (under lock_): enqueued = received + size + dropped + discarded, so enqueued is not kept. A delivery is only taken in for the
// session it was sent to: one that arrives after that session's end counts as discarded.
//
// A full inbox does what InboxPolicy says. Under `disconnect` it is sealed by the first delivery that finds no room: the
// poster is told, once, to end the session, and nothing more is taken in until then, even if the owner makes room. So
// what the client has received is gap-free to its end.
//
// An inbox costs 64 bytes until its first delivery, and again after trim().
//
// The lock is the same small spin lock for every strategy: an inbox is touched by one poster and its owner for a few
// nanoseconds, and what is compared is the lock around the rooms, not this one.
// Progress: blocking, every operation holds the lock for O(1), receive() and close() for O(taken).
// Errors: std::bad_alloc; then nothing has changed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <utility>

#include "pool/chat/chat_types.h"
#include "pool/chat/message_arena.h"
#include "pool/locks/ttas_lock.h"

namespace crosstalk::pool {

class alignas(64) Inbox {
 public:
  // What push() did. The caller gives the reference of a delivery that was not stored, and of an evicted one, back
  // to the message arena.
  struct PushResult {
    bool stored = false;
    const Message* evicted = nullptr;  // InboxPolicy::drop_oldest: the delivery that made room
    bool overflowed = false;           // InboxPolicy::disconnect, once a session: the caller has to end it
  };

  // What waits lies in `memory`, which outlives the inbox.
  explicit Inbox(std::pmr::memory_resource* memory = std::pmr::new_delete_resource()) noexcept
      : memory_(memory) {}
  ~Inbox() { free_ring(ring_, capacity_); }
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // Puts a delivery into the inbox of session `generation`. Allocates under InboxPolicy::grow and on first use.
  PushResult push(std::uint32_t generation, Delivery delivery, const ServerOptions& options) {
    const std::scoped_lock guard(lock_);
    if (generation != generation_) {
      ++discarded_;
      return {};
    }
    if (sealed_ || full(options)) return overflow(delivery, options);
    if (size_ == capacity_) enlarge();
    ring_[(head_ + size_) & (capacity_ - 1)] = delivery;
    ++size_;
    return {.stored = true};
  }

  // Moves everything that waits, oldest first, to the end of `out`; the references go with it.
  std::size_t receive(Deliveries& out) {
    const std::scoped_lock guard(lock_);
    const std::size_t taken = size_;
    move_all(out);
    received_ += taken;
    return taken;
  }

  // Ends the session: what waits is discarded and moved to `out` for giving back; later pushes for it are refused.
  void close(Deliveries& out) {
    const std::scoped_lock guard(lock_);
    const std::size_t taken = size_;
    move_all(out);
    discarded_ += taken;
    sealed_ = false;
    ++generation_;
  }

  // Gives the memory of an inbox in which nothing waits back, for sessions that fell silent. The next delivery
  // allocates again.
  void trim() {
    Delivery* unused = nullptr;
    std::uint32_t capacity = 0;
    {
      const std::scoped_lock guard(lock_);
      if (size_ != 0) return;
      unused = std::exchange(ring_, nullptr);
      capacity = std::exchange(capacity_, 0);
      head_ = 0;
    }
    free_ring(unused, capacity);
  }

  // The inbox itself and what it has allocated.
  [[nodiscard]] std::size_t bytes() const {
    const std::scoped_lock guard(lock_);
    return sizeof(Inbox) + capacity_ * sizeof(Delivery);
  }

  [[nodiscard]] std::uint32_t generation() const {
    const std::scoped_lock guard(lock_);
    return generation_;
  }

  [[nodiscard]] InboxTotals totals() const {
    const std::scoped_lock guard(lock_);
    return {.enqueued = received_ + size_ + dropped_ + discarded_,
            .received = received_,
            .queued = size_,
            .dropped = dropped_,
            .discarded = discarded_};
  }

 private:
  static constexpr std::uint32_t kLargest = 1U << 31;

  [[nodiscard]] bool full(const ServerOptions& options) const noexcept {
    return size_ == kLargest ||
           (options.inbox_policy != InboxPolicy::grow && size_ >= options.inbox_capacity);
  }

  // The ring's capacity is a power of two, the policy's limit any number.
  void enlarge() {
    constexpr std::uint32_t kFirstCapacity = 16;
    const std::uint32_t larger = capacity_ == 0 ? kFirstCapacity : capacity_ * 2;
    void* const place = memory_->allocate(larger * sizeof(Delivery), alignof(Delivery));
    auto* const ring = static_cast<Delivery*>(place);
    std::uninitialized_value_construct_n(ring, larger);
    for (std::uint32_t i = 0; i < size_; ++i) ring[i] = ring_[(head_ + i) & (capacity_ - 1)];
    free_ring(ring_, capacity_);
    ring_ = ring;
    head_ = 0;
    capacity_ = larger;
  }

  void free_ring(Delivery* ring, std::uint32_t capacity) noexcept {
    if (ring != nullptr) memory_->deallocate(ring, capacity * sizeof(Delivery), alignof(Delivery));
  }

  PushResult overflow(Delivery delivery, const ServerOptions& options) {
    ++dropped_;
    if (options.inbox_policy == InboxPolicy::disconnect) {
      return {.overflowed = !std::exchange(sealed_, true)};
    }
    if (options.inbox_policy != InboxPolicy::drop_oldest || size_ == 0) return {};
    const Message* oldest = ring_[head_].message;
    head_ = (head_ + 1) & (capacity_ - 1);
    ring_[(head_ + size_ - 1) & (capacity_ - 1)] = delivery;
    return {.stored = true, .evicted = oldest};
  }

  void move_all(Deliveries& out) {
    const std::size_t needed = out.size() + size_;
    // All of the memory first, so that a failure leaves everything where it is.
    if (needed > out.capacity()) out.reserve(std::max(needed, 2 * out.capacity()));
    for (std::uint32_t i = 0; i < size_; ++i) out.push_back(ring_[(head_ + i) & (capacity_ - 1)]);
    head_ = 0;
    size_ = 0;
  }

  mutable TtasLock lock_;
  bool sealed_ = false;  // InboxPolicy::disconnect: has overflowed
  std::uint32_t generation_ = 0;
  std::uint32_t head_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;  // power of two, or 0 before the first delivery
  Delivery* ring_ = nullptr;
  std::pmr::memory_resource* memory_;
  std::uint64_t received_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t discarded_ = 0;
};
static_assert(sizeof(Inbox) == 64);

}  // namespace crosstalk::pool
