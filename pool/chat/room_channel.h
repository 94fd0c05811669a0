// What a room has besides its members: the sequence of its messages, the newest of them, and the unread counter.
// All of it stands outside the guarded membership, so that a post may take its number under a shared lock.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory_resource>
#include <mutex>
#include <utility>
#include <vector>

#include "pool/cache_line.h"
#include "pool/chat/chat_types.h"
#include "pool/chat/message_arena.h"
#include "pool/containers/counter.h"
#include "pool/guarded.h"
#include "pool/locks/ttas_lock.h"
#include "pool/memory_ptr.h"

namespace crosstalk::pool {

// The newest messages of a room: message n stands in slot n mod capacity until a newer one takes the slot.
// Progress: blocking; add() holds a small spin lock for O(1), newest() for O(asked).
class History {
 public:
  History(std::uint32_t capacity, std::pmr::memory_resource* memory) : slots_(capacity, memory) {}

  // Keeps `message`, whose reference passes to the history, and returns the one that must be given back: the message
  // it replaces, or `message` itself if a newer one holds its slot already (posts may overtake each other here).
  const Message* add(const Message* message) {
    if (slots_.empty()) return message;
    const std::scoped_lock guard(lock_);
    const Message*& slot = slots_[message->sequence % slots_.size()];
    if (slot != nullptr && slot->sequence > message->sequence) return message;
    return std::exchange(slot, message);
  }

  // Appends up to `count` of the newest messages, oldest first, each with a reference of its own. `last` is the
  // room's present sequence; messages still on their way into the history are left out.
  void newest(std::uint64_t last, std::uint32_t count, Deliveries& out) const {
    const std::uint64_t asked = std::min<std::uint64_t>({count, slots_.size(), last});
    const std::scoped_lock guard(lock_);
    for (std::uint64_t sequence = last - asked + 1; sequence <= last; ++sequence) {
      const Message* message = slots_[sequence % slots_.size()];
      if (message == nullptr || message->sequence != sequence) continue;
      MessageArena::acquire(message, 1);
      out.push_back({message, sequence});
    }
  }

 private:
  mutable TtasLock lock_;
  std::pmr::vector<const Message*> slots_;
};

// The unread counter, of the kind that ServerOptions::counter names; a locked one is guarded by the strategy's lock.
template <ExclusiveLock Lock>
class UnreadCounter {
 public:
  UnreadCounter(CounterKind kind, std::pmr::memory_resource* memory) {
    if (kind == CounterKind::locked) locked_ = make_in<LockedCounter<Lock>>(memory);
    if (kind == CounterKind::atomic) atomic_ = make_in<AtomicCounter>(memory);
    if (kind == CounterKind::striped) striped_ = make_in<StripedCounter>(memory, memory);
  }

  void add(std::int64_t delta) {
    if (locked_) {
      locked_->increment(delta);
    } else if (atomic_) {
      atomic_->increment(delta);
    } else {
      striped_->add(delta);
    }
  }

  // Exact once nobody adds any more.
  [[nodiscard]] std::int64_t sum() const {
    if (locked_) return locked_->get();
    if (atomic_) return atomic_->get();
    return striped_->sum();
  }

 private:
  MemoryPtr<LockedCounter<Lock>> locked_;
  MemoryPtr<AtomicCounter> atomic_;
  MemoryPtr<StripedCounter> striped_;
};

template <ExclusiveLock Lock>
struct RoomChannel {
  explicit RoomChannel(const ServerOptions& options)
      : unread(options.counter, memory_of(options)), history(options.history_messages, memory_of(options)) {}

  // Called inside the room's critical section. Wait-free.
  std::uint64_t next_sequence() noexcept {
    // relaxed: the room's lock orders it against joins and leaves; among posts only the number counts.
    return sequence.fetch_add(1, std::memory_order_relaxed) + 1;
  }

  // | 63..40 version of the membership, in a server that numbers by it (snapshot_server.h), else 0 | 39..0 latest number |
  static constexpr unsigned kNumberBits = 40;
  static constexpr std::uint64_t kNumberMask = (std::uint64_t{1} << kNumberBits) - 1;
  alignas(kCacheLine) std::atomic<std::uint64_t> sequence{0};
  alignas(kCacheLine) UnreadCounter<Lock> unread;
  History history;
};

}  // namespace crosstalk::pool
