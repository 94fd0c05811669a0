// write_queue: what waits for the writer of the message store. Many threads push, one takes everything at once.
//
// Two halves of memory: pushes go into the active one, one after the other, while the taker works on the other. Space is
// reserved with one compare-and-swap; the copying runs side by side.
//
//   word_: | 63 closed | 62 active half | 61..32 entries | 31..0 bytes used, in units of 8 |
//
// Invariant: [0, used) of the active half is reserved. written_ of a half counts the units whose copying has ended; the
// half is complete when that equals what was reserved. Only take() changes the active half, and only after the batch
// taken before has been dropped by calling take() again.
//
// Progress: push() is lock-free while there is space, and copies; without space it blocks until its deadline, the next
// take() or the end. It wakes the taker only where it finds the half empty. take() blocks while nothing is queued, and
// waits (spinning, then yielding) for threads that are in the middle of copying.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "pool/cache_line.h"
#include "pool/chat/chat_types.h"
#include "pool/resources/receipt.h"
#include "pool/sync/event_count.h"

namespace crosstalk::pool {

enum class WriteKind : std::uint32_t { message, user, room, join, leave, erase_before, nothing };

// An entry of the queue; `bytes` bytes of text or body follow it, then up to 7 to the next multiple of 8.
struct WriteEntry {
  WriteKind kind = WriteKind::nothing;
  std::uint32_t bytes = 0;
  RoomId room = 0;
  ClientId user = 0;
  std::uint64_t sequence = 0;
  std::int64_t time_ns = 0;
  Completion completion;

  [[nodiscard]] const std::byte* body() const noexcept {
    return reinterpret_cast<const std::byte*>(this + 1);
  }
  [[nodiscard]] std::size_t size() const noexcept {
    return sizeof(WriteEntry) + ((std::size_t{bytes} + 7) & ~std::size_t{7});
  }
  [[nodiscard]] const WriteEntry& next() const noexcept {
    return *reinterpret_cast<const WriteEntry*>(reinterpret_cast<const std::byte*>(this) + size());
  }
};
static_assert(sizeof(WriteEntry) == 56 && alignof(WriteEntry) == 8);

enum class AppendStatus : std::uint8_t {
  queued,     // the completion will be called
  full,       // no space until the deadline; nothing was taken, the completion is not called
  too_large,  // more than the queue holds at all: likewise
  closed,     // likewise
};

// A run of entries in the queue's memory.
struct WriteBatch {
  const WriteEntry* first = nullptr;
  std::size_t entries = 0;
};

class WriteQueue {
 public:
  // Bytes of each half, rounded up to a multiple of 8. Throws std::bad_alloc.
  explicit WriteQueue(std::size_t bytes);
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;

  // Copies the entry and entry.bytes of body. With a deadline long ago it does not wait.
  [[nodiscard]] AppendStatus push(const WriteEntry& entry, const void* body, Deadline deadline) noexcept;

  // Everything that is queued, at least one entry; no entries once the queue is closed and has been emptied. Valid until
  // the next call. By one thread.
  [[nodiscard]] WriteBatch take() noexcept;

  // Nothing is taken in any more; who waits for space gets `closed`. Idempotent.
  void close() noexcept;

  // Entries that wait, of this moment.
  [[nodiscard]] std::uint64_t size() const noexcept;

 private:
  static constexpr std::uint64_t kClosed = std::uint64_t{1} << 63;
  static constexpr std::uint64_t kHalf = std::uint64_t{1} << 62;
  static constexpr std::uint64_t kEntry = std::uint64_t{1} << 32;

  static std::uint64_t units_of(std::uint64_t word) noexcept { return word & (kEntry - 1); }
  static std::uint64_t entries_of(std::uint64_t word) noexcept { return (word & (kHalf - 1)) >> 32; }
  static std::size_t half_of(std::uint64_t word) noexcept { return (word & kHalf) != 0 ? 1 : 0; }

  [[nodiscard]] AppendStatus try_push(const WriteEntry& entry, const void* body) noexcept;
  void await_written(std::size_t half, std::uint64_t units) noexcept;

  const std::size_t units_;  // of each half
  std::array<std::unique_ptr<std::uint64_t[]>, 2> memory_;
  CacheAligned<std::atomic<std::uint64_t>> word_;
  std::array<CacheAligned<std::atomic<std::uint64_t>>, 2> written_;
  CacheAligned<EventCount> work_;   // for the taker: an empty half got its first entry, or the end
  CacheAligned<EventCount> space_;  // for those who push: the other half is active, or the end
};

}  // namespace crosstalk::pool
