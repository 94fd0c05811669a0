// buffer_core: what a BufferPool, its buffers and its threads share. Internal to buffer_pool.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>

#include "pool/cache_line.h"
#include "pool/resources/buffer_pool.h"
#include "pool/resources/index_stack.h"
#include "pool/sync/event_count.h"

namespace crosstalk::pool {

// It holds itself until every block has come home after the pool's end, so that a
// buffer may always give back; a thread that has used it holds it too, so that it is there while the thread is inside.
class BufferCore : public std::enable_shared_from_this<BufferCore> {
 public:
  static constexpr std::size_t kBlockAlign = 64;

  // One thread's part: everything but `blocks` and `owned` is touched by the owner alone, and read for statistics().
  struct alignas(kCacheLine) Slot {
    IndexStack blocks;
    std::uint32_t kept = 0;  // at least what is in `blocks`, as others may have taken some
    std::atomic<std::uint64_t> acquired{0};
    std::atomic<std::uint64_t> released{0};
    std::atomic<bool> owned{false};
  };

  explicit BufferCore(BufferPoolOptions options);

  [[nodiscard]] std::byte* acquire(Deadline deadline, bool wait);
  // False if it was a fault and nobody was told.
  [[nodiscard]] bool release(std::byte* block) noexcept;
  void close() noexcept;

  [[nodiscard]] Slot* claim_slot() noexcept;
  void leave_slot(Slot& slot) noexcept;
  [[nodiscard]] bool gone() const noexcept;
  void hold_itself() { self_ = shared_from_this(); }

  [[nodiscard]] std::span<std::byte> span(std::byte* block) const noexcept {
    return {block, options_.block_bytes};
  }
  [[nodiscard]] BufferPoolStatistics statistics() const noexcept;
  [[nodiscard]] bool checked() const noexcept { return states_ != nullptr; }

 private:
  struct FreeBytes {
    void operator()(std::byte* bytes) const noexcept {
      ::operator delete (bytes, std::align_val_t{kBlockAlign});
    }
  };
  enum State : std::uint8_t { kFresh, kOut, kFree };
  static constexpr std::size_t kSlots = 64;  // threads beyond that have no cache
  static constexpr std::uint32_t kClosed = std::uint32_t{1} << 31;
  using Chain = IndexStack::Chain;

  [[nodiscard]] std::byte* block(std::uint32_t index) const noexcept {
    return memory_.get() + index * stride_;
  }
  [[nodiscard]] std::uint32_t take(Slot* slot) noexcept;
  [[nodiscard]] std::uint32_t wait_for_block(Slot* slot, Deadline deadline) noexcept;
  void give(IndexStack& stack, const Chain& chain) noexcept;
  void attend(std::uint32_t count) noexcept;
  void reclaim() noexcept;
  [[nodiscard]] bool check_handed_out(std::uint32_t index) noexcept;
  bool report(BufferFault fault, std::size_t index, std::size_t count) noexcept;
  static void add_one(Slot* slot, std::atomic<std::uint64_t> Slot::*count,
                      std::atomic<std::uint64_t>& rest) noexcept;

  const BufferPoolOptions options_;
  const std::size_t stride_;
  std::unique_ptr<std::byte[], FreeBytes> memory_;
  std::unique_ptr<std::atomic<std::uint32_t>[]> links_;
  std::unique_ptr<std::atomic<std::uint8_t>[]> states_;  // null with checks off
  std::shared_ptr<BufferCore> self_;

  std::unique_ptr<Slot[]> slots_ = std::make_unique<Slot[]>(kSlots);
  alignas(kCacheLine) IndexStack common_;
  // Read by all, written by those who wait: bit 31 = the pool is gone, 30..0 = threads waiting.
  alignas(kCacheLine) std::atomic<std::uint32_t> attention_{0};
  EventCount returned_;
  std::atomic<std::size_t> recovered_{0};  // blocks that came home after the pool's end
  // Of threads without a slot, and what is rare.
  std::atomic<std::uint64_t> acquired_{0};
  std::atomic<std::uint64_t> released_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> waited_{0};
  std::atomic<std::uint64_t> stolen_{0};
  std::atomic<std::uint64_t> faults_{0};
};

}  // namespace crosstalk::pool
