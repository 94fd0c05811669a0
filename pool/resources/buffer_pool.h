// buffer_pool: blocks of one size, a fixed number of them, handed out and taken back without the allocator.
//
// Invariant: a block is out (with one owner), in the common stack or in the cache of one thread. acquired - released =
// blocks out. Memory for all of them is reserved at construction and touched when a block is first used.
//
// A thread caches the blocks that it gives back. Others take them from there before they are refused, so that the bound is
// exact: who waits sleeps only while all blocks are out or about to be given back. A thread that ends gives its cache back.
//
// Progress: try_acquire() and giving back are lock-free but for a thread's first use of a pool, which allocates; acquire()
// and acquire_until() block while there is nothing. A try_acquire() beside threads that give back and take at that very
// moment may miss the block that moves, and find nothing.
//
// Ownership: a Buffer owns its block and gives it back from whatever thread destroys it. The pool may be destroyed while
// threads live that have used it, and before its buffers, whose memory stays until the last is given back; that is reported
// as a leak. Nobody may be inside a call when it is destroyed.
//
// Misuse is found with checks on: a block given back twice, a pointer that is no block (also with checks off), a block
// written to after it was given back (seen when it is handed out next). The pool goes on: the fault is counted and told to
// `on_fault`; where there is none, a call that may throw throws std::logic_error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "pool/sync/futex.h"

namespace crosstalk::pool {

enum class BufferFault : std::uint8_t { double_release, foreign_pointer, written_after_release, leak };
[[nodiscard]] std::string_view to_string(BufferFault fault) noexcept;

struct BufferFaultReport {
  BufferFault fault;
  std::size_t block;  // its number; 0 where there is none
  std::size_t count;  // of blocks
};

enum class BufferChecks : std::uint8_t {
  by_build,
  on,
  off
};  // by_build: on in a library built without NDEBUG

struct BufferPoolOptions {
  std::size_t block_bytes = 4096;
  std::size_t blocks_max = 1024;
  std::size_t thread_cache_blocks = 32;  // at most, in each thread
  BufferChecks checks = BufferChecks::by_build;
  // Called by the thread that finds the fault, with no lock held; what it throws is lost.
  std::function<void(const BufferFaultReport&)> on_fault = {};
};

// Exact while nobody is inside a call.
struct BufferPoolStatistics {
  std::uint64_t acquired = 0;
  std::uint64_t released = 0;
  std::uint64_t refused = 0;  // try_acquire() and deadlines that found nothing
  std::uint64_t waited = 0;   // calls that had to wait, whatever the end
  std::uint64_t stolen = 0;   // blocks taken from another thread's cache
  std::uint64_t faults = 0;
  std::size_t threads = 0;  // that have a cache now
  [[nodiscard]] std::uint64_t out() const noexcept { return acquired - released; }
};

class BufferCore;

// A block, or none. Moves; gives the block back at its end.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : core_(std::exchange(other.core_, nullptr)), block_(std::exchange(other.block_, {})) {}
  Buffer& operator=(Buffer&& other) noexcept {
    if (this != &other) {
      reset();
      core_ = std::exchange(other.core_, nullptr);
      block_ = std::exchange(other.block_, {});
    }
    return *this;
  }
  ~Buffer() { reset(); }

  explicit operator bool() const noexcept { return core_ != nullptr; }
  // What a block contains at first is unspecified.
  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return block_; }
  void reset() noexcept;
  // The block without its owner, for interfaces in C. Back it comes by BufferPool::give_back().
  [[nodiscard]] std::byte* detach() noexcept {
    core_ = nullptr;
    return std::exchange(block_, {}).data();
  }

 private:
  friend class BufferPool;
  Buffer(BufferCore& core, std::span<std::byte> block) noexcept : core_(&core), block_(block) {}

  BufferCore* core_ = nullptr;
  std::span<std::byte> block_;
};

class BufferPool {
 public:
  // Throws std::invalid_argument for what cannot be, std::bad_alloc where memory is short.
  explicit BufferPool(BufferPoolOptions options = {});
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  ~BufferPool();

  // Waits for a block. These three throw std::logic_error for a fault found, see above.
  [[nodiscard]] Buffer acquire() { return acquire_until(kNoDeadline); }
  // No block if the deadline passed first.
  [[nodiscard]] Buffer acquire_until(Deadline deadline);
  // No block if there is none.
  [[nodiscard]] Buffer try_acquire();
  // Ends what detach() began.
  void give_back(std::byte* block);

  [[nodiscard]] BufferPoolStatistics statistics() const noexcept;
  [[nodiscard]] bool checked() const noexcept;

 private:
  std::shared_ptr<BufferCore> core_;
};

}  // namespace crosstalk::pool
