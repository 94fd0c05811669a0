// arena_resource: a std::pmr::memory_resource for many threads that allocate and free nodes all the time: blocks of some
// sizes, cut from large chunks, kept by the threads that free them.
//
// Sizes are rounded up to one of 36 classes, at most 25 % apart (by more below 64 bytes). A thread has two magazines of free
// blocks a class; a full one goes to the depot, from where threads that have none left take it (Bonwick and Adams, Magazines
// and Vmem, USENIX 2001). So memory that one thread allocates and another one frees goes round. Magazines belong to a thread's
// number (thread_number.h): what a thread leaves at its end is its successor's. Threads without a number share a slot.
//
// Invariant: a block is out, in a magazine of one slot or in the depot. Chunks only grow in number: what was freed serves
// later allocations, and all goes back upstream when the resource is destroyed, after which no block may be used. What is larger than kLargestBlock, or aligned to more than a chunk's blocks are, goes straight upstream
// and has to be given back.
//
// Progress: a call takes no lock but that of the depot, once in a magazine's worth of calls, for O(blocks of a magazine); upstream
// is asked with it held. Threads without a number take the lock of their slot. Errors: what upstream throws; then nothing has changed.
// Where a thread is given memory beside another one's, both may share a cache line, as with malloc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>

#include "pool/cache_line.h"
#include "pool/locks/ttas_lock.h"

namespace crosstalk::pool {

struct ArenaOptions {
  std::size_t first_chunk_bytes = 256 * 1024;         // each chunk is twice as large as the last one ...
  std::size_t largest_chunk_bytes = 4 * 1024 * 1024;  // ... up to this
};

class ArenaResource final : public std::pmr::memory_resource {
 public:
  static constexpr std::size_t kLargestBlock = 16 * 1024;
  static constexpr std::size_t kBlockAlign = 64;

  // Chunks come from `upstream`, which outlives the resource. Throws std::invalid_argument if chunks are not to be between
  // kLargestBlock and 1 GiB, or the first one is larger than the largest.
  explicit ArenaResource(ArenaOptions options = {},
                         std::pmr::memory_resource* upstream = std::pmr::new_delete_resource());
  ArenaResource(const ArenaResource&) = delete;
  ArenaResource& operator=(const ArenaResource&) = delete;
  ~ArenaResource() override;

  // Of all chunks together; what went straight upstream is not in it.
  [[nodiscard]] std::size_t chunk_bytes() const noexcept;

 private:
  static constexpr std::size_t kClasses = 36;

  struct Block {
    Block* next;           // in the magazine
    Block* next_magazine;  // in the depot, of a magazine's first block
  };
  struct Magazine {
    Block* first = nullptr;
    std::uint32_t count = 0;
  };
  struct Bin {
    Magazine current;
    Magazine spare;  // empty or full
  };
  using Bins = std::array<Bin, kClasses>;
  struct Chunk {
    Chunk* next;
    std::size_t bytes;
  };

  void* do_allocate(std::size_t bytes, std::size_t alignment) override;
  void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override;
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  [[nodiscard]] static std::size_t class_of(std::size_t bytes, std::size_t alignment) noexcept;
  [[nodiscard]] static std::size_t bytes_of(std::size_t index) noexcept;
  [[nodiscard]] static std::uint32_t magazine_blocks(std::size_t index) noexcept;
  [[nodiscard]] void* take(Bin& bin, std::size_t index);
  void put(Bin& bin, std::size_t index, void* memory) noexcept;
  void refill(std::size_t index, Bin& bin);
  [[nodiscard]] Magazine cut(std::size_t index);
  void add_chunk(std::size_t needed);

  const ArenaOptions options_;
  std::pmr::memory_resource* const upstream_;
  std::unique_ptr<CacheAligned<Bins>[]> slots_;      // by thread number; the last one is shared
  alignas(kCacheLine) TtasLock shared_lock_;         // guards the shared slot
  alignas(kCacheLine) mutable TtasLock depot_lock_;  // guards all below
  std::array<Block*, kClasses> full_{};              // magazines, all of them full
  Chunk* chunks_ = nullptr;
  std::byte* free_ = nullptr;  // of the newest chunk
  std::size_t free_bytes_ = 0;
  std::size_t next_chunk_bytes_;
  std::size_t chunk_bytes_ = 0;
};

}  // namespace crosstalk::pool
