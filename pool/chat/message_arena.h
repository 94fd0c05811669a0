// Message bodies, stored once per post however many inboxes point at them.
//
// Messages live in slabs of 64 KiB. A slab counts its outstanding references as a whole, not per message: a
// receiver that takes 64 messages gives them back with one or two atomic operations instead of 64 on cache lines
// that every other receiver of the room is writing too. The slab of a message is found by masking its address.
//
// Invariant: references(slab) = the writer's hold (1 while it is the writer's current slab) + messages of the slab
// waiting in inboxes, histories and receivers' hands. At zero the slab goes back to the free list.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <mutex>
#include <string_view>
#include <vector>

#include "pool/chat/chat_types.h"

namespace crosstalk::pool {

inline constexpr RoomId kNoRoom = ~RoomId{0};  // the room of a direct message

// The stored message; its body of `bytes` bytes follows in memory.
struct Message {
  std::uint64_t sequence = 0;  // within the room
  std::uint64_t tag = 0;       // the sender's own mark, delivered unread
  RoomId room = kNoRoom;
  ClientId sender = 0;
  std::uint32_t bytes = 0;

  [[nodiscard]] const std::byte* body() const noexcept {
    return reinterpret_cast<const std::byte*>(this + 1);
  }
};

// What a client receives: which message of which room (message->room), and the message itself.
struct Delivery {
  const Message* message = nullptr;
  std::uint64_t sequence = 0;
};

using Deliveries = std::pmr::vector<Delivery>;

struct Slab;

class MessageArena {
 public:
  // Slabs come from `memory`, which outlives the arena.
  explicit MessageArena(std::pmr::memory_resource* memory = std::pmr::new_delete_resource())
      : memory_(memory), free_(memory), all_(memory) {}
  // Frees every slab; nobody may hold a message any more.
  ~MessageArena();
  MessageArena(const MessageArena&) = delete;
  MessageArena& operator=(const MessageArena&) = delete;

  // Writes messages for one thread. Must not outlive the arena.
  class Writer {
   public:
    explicit Writer(MessageArena& arena) noexcept : arena_(&arena) {}
    Writer(Writer&& other) noexcept;
    Writer& operator=(Writer&&) = delete;
    ~Writer();

    // A new message with all of its body written. It stays valid while references to it are held; add them with
    // acquire() before anybody else sees it and before the next write(). Throws std::bad_alloc.
    Message* write(RoomId room, ClientId sender, std::uint64_t tag, std::uint32_t bytes);
    // The same with a body that exists already.
    Message* copy(RoomId room, ClientId sender, std::uint64_t tag, std::string_view body);

   private:
    // The body is not yet written.
    Message* place(RoomId room, ClientId sender, std::uint64_t tag, std::uint32_t bytes);
    void seal() noexcept;

    MessageArena* arena_;
    Slab* slab_ = nullptr;
    std::size_t used_ = 0;
  };

  // Adds `count` references to messages in the slab of `message`; the caller holds one already or is its writer.
  static void acquire(const Message* message, std::int64_t count) noexcept;

  // Gives references back, in runs of one slab.
  void release(const Message* message, std::int64_t count) noexcept;
  void release(const Delivery* deliveries, std::size_t count) noexcept;
  void release(const Message* const* messages, std::size_t count) noexcept;

  // Slabs obtained from the memory resource and not yet returned; for tests and leak checks.
  [[nodiscard]] std::size_t slabs() const;
  // Slabs with at least one reference.
  [[nodiscard]] std::size_t slabs_in_use() const;

 private:
  Slab* take_slab(std::size_t bytes);
  template <class MessageAt>
  void release_runs(std::size_t count, const MessageAt& message_at) noexcept;
  void recycle(Slab* slab) noexcept;
  void give_back(Slab* slab) noexcept;

  std::pmr::memory_resource* memory_;
  mutable std::mutex mutex_;  // guards free_ and all_; taken once per slab, not per message
  std::pmr::vector<Slab*> free_;
  std::pmr::vector<Slab*> all_;
};

}  // namespace crosstalk::pool
