#include "harness/explore/heap.h"

#include <sys/mman.h>

#include <cstdint>

#include "harness/explore/conflicts.h"
#include "harness/explore/own_memory.h"
#include "harness/explore/shadow.h"

namespace crosstalk::harness::explore {

namespace {

constexpr std::size_t kHeapBytes = std::size_t{256} << 20;
constexpr std::size_t kLibraryBytes = std::size_t{256} << 20;
constexpr std::size_t kLeastAlignment = 16;
// Of large blocks only the beginning is watched word by word, or freeing a buffer would cost more than all the rest.
constexpr std::size_t kWatchedBytes = 4096;

struct HeapState {
  std::size_t used, of_libraries;
};

// Before every block.
struct BlockHeader {
  std::size_t bytes;
  std::size_t unused;
};
static_assert(sizeof(BlockHeader) == kLeastAlignment);

constinit std::uintptr_t heap_begin = 0;
constinit HeapState* heap_state = nullptr;

BlockHeader& header_of(const void* memory) noexcept {
  return *reinterpret_cast<BlockHeader*>(reinterpret_cast<std::uintptr_t>(memory) - sizeof(BlockHeader));
}

std::size_t watched(std::size_t bytes) noexcept {
  return bytes < kWatchedBytes ? bytes : kWatchedBytes;
}

}  // namespace

bool map_heap() noexcept {
  if (heap_begin != 0) return true;
  heap_state = own_memory<HeapState>();
  void* const region =
      mmap(nullptr, kHeapBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (region == MAP_FAILED || heap_state == nullptr) return false;
  heap_begin = reinterpret_cast<std::uintptr_t>(region);
  return true;
}

void begin_heap() noexcept {
  heap_state->used = heap_state->of_libraries = 0;
}

void count_library_memory(std::size_t bytes) noexcept {
  heap_state->of_libraries += bytes;
  if (bytes <= kLibraryBytes && heap_state->of_libraries <= kLibraryBytes) return;
  fail(Finding::limit, "one execution takes more than %zu MiB of memory through libraries",
       kLibraryBytes >> 20);
}

bool is_of_heap(const void* memory) noexcept {
  return reinterpret_cast<std::uintptr_t>(memory) - heap_begin < kHeapBytes;
}

void* take_memory(std::size_t bytes, std::size_t alignment) noexcept {
  if (alignment < kLeastAlignment) alignment = kLeastAlignment;
  const std::uintptr_t from = heap_begin + heap_state->used + sizeof(BlockHeader);
  const std::uintptr_t at = (from + alignment - 1) / alignment * alignment;
  if (bytes > kHeapBytes || at + bytes > heap_begin + kHeapBytes) {
    fail(Finding::limit, "one execution takes more than %zu MiB of memory", kHeapBytes >> 20);
  }
  heap_state->used = at + bytes - heap_begin;
  void* const memory = reinterpret_cast<void*>(at);
  header_of(memory).bytes = bytes;
  forget_accesses(memory, watched(bytes));
  return memory;
}

void free_memory(void* memory, std::uint32_t place) noexcept {
  const std::size_t bytes = size_of_memory(memory);
  // Blocks of no bytes have one that is watched.
  if (is_forbidden(memory))
    fail(Finding::use_after_free, "T%d frees at @%x@ what was freed before", self().id, place);
  note_end(memory, bytes);
  forbid_accesses(memory, bytes == 0 ? 1 : watched(bytes), place);
  if (bytes > kWatchedBytes) forbid_block(memory, bytes, place);
}

std::size_t size_of_memory(const void* memory) noexcept {
  return header_of(memory).bytes;
}

}  // namespace crosstalk::harness::explore
