// The inbox of one client: messages wait here until the client receives them.
//
// Invariant (under lock_): enqueued = received + size + dropped + discarded, so enqueued is not kept. A message is only taken
// in for the session it was sent to: one that arrives after that session's end counts as discarded.
//
// A full inbox does what InboxPolicy says. Under `disconnect` it is sealed by the first message that finds no room: the
// poster is told, once, to end the session, and nothing more is taken in until then, even if the owner makes room. So
// what the client has received is gap-free to its end.
//
// An inbox costs 64 bytes until its first message, and again after trim() and close(). A crowded room is thousands of inboxes,
// which no cache holds: a poster announces whom it comes to next, with fetch() and then fetch_place(), so that it waits for
// many of them at once rather than for one after the other.
//
// The lock is the same small spin lock for every strategy: an inbox is touched by one poster and its owner for a few
// nanoseconds, and what is compared is the lock around the rooms, not this one.
// Progress: blocking, every operation holds the lock for O(1), receive() for O(taken). fetch() and fetch_place() are wait-free.
// Errors: std::bad_alloc; then nothing has changed. close() and trim() do not throw.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <mutex>
#include <utility>

#include "pool/chat/chat_types.h"
#include "pool/chat/message_arena.h"
#include "pool/chat/taken_messages.h"
#include "pool/locks/ttas_lock.h"

namespace crosstalk::pool {

// How much an inbox takes in, and what it does then.
struct InboxLimit {
  InboxLimit(const ServerOptions& options) noexcept  // NOLINT: options mean a limit
      : policy(options.inbox_policy),
        most(options.inbox_policy == InboxPolicy::grow ? std::uint32_t{1} << 31 : options.inbox_capacity) {}

  InboxPolicy policy;
  std::uint32_t most;  // messages
};

class alignas(64) Inbox {
 public:
  // What push() did. The caller gives the reference of a message that was not stored, and of an evicted one, back
  // to the message arena.
  struct PushResult {
    bool stored = false;
    bool overflowed = false;           // InboxPolicy::disconnect, once a session: the caller has to end it
    const Message* evicted = nullptr;  // InboxPolicy::drop_oldest: the message that made room
  };

  // What waits lies in `memory`, which outlives the inbox.
  explicit Inbox(std::pmr::memory_resource* memory = std::pmr::new_delete_resource()) noexcept
      : memory_(memory) {}
  ~Inbox() { free_ring(detach()); }
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // Has the inbox brought into the cache, and the place where its next message will lie: a push() comes soon.
  void fetch() const noexcept { __builtin_prefetch(this, 1); }
  void fetch_place() const noexcept {
    // relaxed (both): a hint. Whatever is found, of whatever time: the address is not looked at.
    const Message* const* const ring = ring_.load(std::memory_order_relaxed);
    if (ring != nullptr) __builtin_prefetch(ring + next_.load(std::memory_order_relaxed), 1);
  }

  // Puts a message into the inbox of session `generation`. Allocates as more wait than ever before.
  PushResult push(std::uint32_t generation, const Message* message, const InboxLimit& limit) {
    const std::scoped_lock guard(lock_);
    const bool wanted = generation == generation_ && !sealed_;
    if (!wanted || size_ >= limit.most || size_ == capacity_) [[unlikely]] {
      return push_unusual(generation, message, limit);
    }
    put(message);
    ++size_;
    return {.stored = true};
  }

  // Moves everything that waits, oldest first, to the end of `out`; the references go with it.
  std::size_t receive(TakenMessages& out) {
    const std::scoped_lock guard(lock_);
    if (size_ == 0) return 0;
    out.reserve_more(size_);
    visit(waiting(), [&out](const Message* const* first, std::size_t count) { out.append(first, count); });
    received_ += size_;
    // relaxed: written under the lock, and read without it as a hint, see fetch_place().
    next_.store(0, std::memory_order_relaxed);
    return std::exchange(size_, 0);
  }

  // Ends the session: what waits is discarded and handed to give_back(const Message* const*, count) in one or two parts, with
  // no lock held; later pushes for it are refused.
  template <class GiveBack>
  void close(GiveBack&& give_back) {
    Ring ring;
    {
      const std::scoped_lock guard(lock_);
      ring = detach();
      discarded_ += ring.size;
      sealed_ = false;
      ++generation_;
    }
    visit(ring, give_back);
    free_ring(ring);
  }

  // Gives the memory of an inbox in which nothing waits back, for sessions that fell silent. The next message
  // allocates again.
  void trim() {
    Ring ring;
    {
      const std::scoped_lock guard(lock_);
      if (size_ == 0) ring = detach();
    }
    free_ring(ring);
  }

  // The inbox itself and what it has allocated.
  [[nodiscard]] std::size_t bytes() const {
    const std::scoped_lock guard(lock_);
    return sizeof(Inbox) + capacity_ * kPlaceBytes;
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
  // NOLINTNEXTLINE(bugprone-sizeof-expression): it is the pointers that stand in the ring
  static constexpr std::size_t kPlaceBytes = sizeof(const Message*);

  // The memory of messages, of which `size` wait and lie before place `next`.
  struct Ring {
    const Message** first = nullptr;
    std::uint32_t capacity = 0;
    std::uint32_t next = 0;
    std::uint32_t size = 0;
  };

  // relaxed (all that follows): under the lock; without it only fetch_place() reads ring_ and next_.
  [[nodiscard]] Ring waiting() const noexcept {
    return {ring_.load(std::memory_order_relaxed), capacity_, next_.load(std::memory_order_relaxed), size_};
  }
  void put(const Message* message) noexcept {
    const std::uint32_t place = next_.load(std::memory_order_relaxed);
    ring_.load(std::memory_order_relaxed)[place] = message;
    next_.store((place + 1) & (capacity_ - 1), std::memory_order_relaxed);
  }
  Ring detach() noexcept {
    const Ring ring = waiting();
    ring_.store(nullptr, std::memory_order_relaxed);
    next_.store(0, std::memory_order_relaxed);
    capacity_ = 0;
    size_ = 0;
    return ring;
  }
  void free_ring(const Ring& ring) noexcept {
    if (ring.first == nullptr) return;
    memory_->deallocate(ring.first, ring.capacity * kPlaceBytes, alignof(const Message*));
  }

  // Calls f(first, count) on what waits, oldest first: twice if it lies around the ring's end.
  template <class F>
  static void visit(const Ring& ring, F&& f) {
    if (ring.size == 0) return;
    const std::uint32_t oldest = (ring.next - ring.size) & (ring.capacity - 1);
    const std::uint32_t straight = std::min(ring.size, ring.capacity - oldest);
    f(ring.first + oldest, std::size_t{straight});
    if (straight < ring.size) f(ring.first, std::size_t{ring.size - straight});
  }

  // push(), where there is more to do than to put the message into its place. Under the lock.
  [[gnu::noinline]] PushResult push_unusual(std::uint32_t generation, const Message* message,
                                            const InboxLimit& limit) {
    if (generation != generation_) {
      ++discarded_;
      return {};
    }
    if (sealed_ || size_ >= limit.most) return overflow(message, limit);
    enlarge();
    put(message);
    ++size_;
    return {.stored = true};
  }

  // The ring's capacity is a power of two, the policy's limit any number.
  void enlarge() {
    constexpr std::uint32_t kFirstCapacity = 16;
    const std::uint32_t larger = capacity_ == 0 ? kFirstCapacity : capacity_ * 2;
    void* const place = memory_->allocate(larger * kPlaceBytes, alignof(const Message*));
    auto* const ring = static_cast<const Message**>(place);
    std::uint32_t filled = 0;
    const Ring before = waiting();
    visit(before, [&](const Message* const* first, std::size_t count) {
      std::memcpy(ring + filled, first, count * kPlaceBytes);
      filled += static_cast<std::uint32_t>(count);
    });
    free_ring(before);
    capacity_ = larger;
    ring_.store(ring, std::memory_order_relaxed);
    next_.store(filled, std::memory_order_relaxed);
  }

  PushResult overflow(const Message* message, const InboxLimit& limit) {
    ++dropped_;
    if (limit.policy == InboxPolicy::disconnect) {
      return {.overflowed = !std::exchange(sealed_, true)};
    }
    if (limit.policy != InboxPolicy::drop_oldest || size_ == 0) return {};
    const Ring ring = waiting();
    const std::uint32_t oldest = (ring.next - ring.size) & (ring.capacity - 1);
    const Message* const evicted = ring.first[oldest];
    put(message);
    return {.stored = true, .evicted = evicted};
  }

  mutable TtasLock lock_;
  bool sealed_ = false;  // InboxPolicy::disconnect: has overflowed
  std::uint32_t generation_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;          // power of two, or 0 before the first message
  std::atomic<std::uint32_t> next_{0};  // the place of the next message, below capacity_
  std::atomic<const Message**> ring_{nullptr};
  std::pmr::memory_resource* memory_;
  std::uint64_t received_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t discarded_ = 0;
};
static_assert(sizeof(Inbox) == 64);

}  // namespace crosstalk::pool
