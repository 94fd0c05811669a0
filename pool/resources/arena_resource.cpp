#include "pool/resources/arena_resource.h"

#include <algorithm>
#include <bit>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "pool/resources/thread_number.h"

namespace crosstalk::pool {

namespace {

constexpr std::size_t kArenaStep = 16;        // classes up to kArenaLinear are multiples of it
constexpr std::size_t kArenaLinear = 128;     // above it there are four to a doubling
constexpr std::size_t kArenaMagazine = 32;    // blocks, of small sizes
constexpr std::size_t kMagazineBytes = 8192;  // of larger ones
constexpr std::size_t kMostChunkBytes = std::size_t{1} << 30;

void check_arena_options(const ArenaOptions& options) {
  const auto refuse = [](const char* rule, std::size_t got) {
    throw std::invalid_argument(std::string("arena resource: ") + rule + ", got " + std::to_string(got));
  };
  if (options.first_chunk_bytes < ArenaResource::kLargestBlock ||
      options.first_chunk_bytes > options.largest_chunk_bytes) {
    refuse("first_chunk_bytes must be between 16384 and largest_chunk_bytes", options.first_chunk_bytes);
  }
  if (options.largest_chunk_bytes > kMostChunkBytes) {
    refuse("largest_chunk_bytes must be at most 1073741824", options.largest_chunk_bytes);
  }
}

}  // namespace

ArenaResource::ArenaResource(ArenaOptions options, std::pmr::memory_resource* upstream)
    : options_((check_arena_options(options), options)),
      upstream_(upstream),
      slots_(std::make_unique<CacheAligned<Bins>[]>(kThreadNumbers + 1)),
      next_chunk_bytes_(options.first_chunk_bytes) {}

ArenaResource::~ArenaResource() {
  while (chunks_ != nullptr) {
    Chunk* const chunk = std::exchange(chunks_, chunks_->next);
    upstream_->deallocate(chunk, chunk->bytes, kCacheLine);
  }
}

std::size_t ArenaResource::chunk_bytes() const noexcept {
  const std::scoped_lock guard(depot_lock_);
  return chunk_bytes_;
}

// 0 .. 7: 16, 32 .. 128; then 160, 192, 224, 256, 320 ..
std::size_t ArenaResource::class_of(std::size_t bytes, std::size_t alignment) noexcept {
  const std::size_t size = std::max<std::size_t>((bytes + alignment - 1) & ~(alignment - 1), 1);
  if (size <= kArenaLinear) return (size - 1) / kArenaStep;
  const auto doubling = static_cast<std::size_t>(std::bit_width(size - 1)) - 8;  // above 128 << doubling
  return 8 + 4 * doubling + ((size - 1) >> (doubling + 5)) - 4;
}

std::size_t ArenaResource::bytes_of(std::size_t index) noexcept {
  if (index < 8) return (index + 1) * kArenaStep;
  const std::size_t doubling = (index - 8) / 4;
  return ((index - 8) % 4 + 5) << (doubling + 5);
}

std::uint32_t ArenaResource::magazine_blocks(std::size_t index) noexcept {
  return static_cast<std::uint32_t>(
      std::clamp<std::size_t>(kMagazineBytes / bytes_of(index), 1, kArenaMagazine));
}

void* ArenaResource::do_allocate(std::size_t bytes, std::size_t alignment) {
  if (bytes > kLargestBlock || alignment > kBlockAlign) return upstream_->allocate(bytes, alignment);
  std::size_t index = class_of(bytes, alignment);
  while (bytes_of(index) % alignment != 0) ++index;
  const std::uint32_t number = thread_number();
  Bin& bin = (*slots_[number])[index];
  if (number != kNoThreadNumber) return take(bin, index);
  const std::scoped_lock guard(shared_lock_);
  return take(bin, index);
}

inline void* ArenaResource::take(Bin& bin, std::size_t index) {
  if (bin.current.count == 0) refill(index, bin);
  --bin.current.count;
  return std::exchange(bin.current.first, bin.current.first->next);
}

void ArenaResource::do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) {
  if (bytes > kLargestBlock || alignment > kBlockAlign)
    return upstream_->deallocate(memory, bytes, alignment);
  std::size_t index = class_of(bytes, alignment);
  while (bytes_of(index) % alignment != 0) ++index;
  const std::uint32_t number = thread_number();
  Bin& bin = (*slots_[number])[index];
  if (number != kNoThreadNumber) return put(bin, index, memory);
  const std::scoped_lock guard(shared_lock_);
  put(bin, index, memory);
}

inline void ArenaResource::put(Bin& bin, std::size_t index, void* memory) noexcept {
  if (bin.current.count == magazine_blocks(index)) {
    if (bin.spare.count != 0) {
      const std::scoped_lock depot(depot_lock_);
      bin.spare.first->next_magazine = std::exchange(full_[index], bin.spare.first);
    }
    bin.spare = std::exchange(bin.current, Magazine{});
  }
  bin.current.first = ::new (memory) Block{bin.current.first, nullptr};
  ++bin.current.count;
}

// The current magazine is empty: the spare one, one from the depot, or a new one takes its place.
void ArenaResource::refill(std::size_t index, Bin& bin) {
  if (bin.spare.count != 0) {
    bin.current = std::exchange(bin.spare, Magazine{});
    return;
  }
  const std::scoped_lock guard(depot_lock_);
  if (full_[index] == nullptr) {
    bin.current = cut(index);
    return;
  }
  Block* const first = full_[index];
  full_[index] = first->next_magazine;
  bin.current = {first, magazine_blocks(index)};
}

// A magazine of new blocks, in ascending order. Under the depot's lock.
ArenaResource::Magazine ArenaResource::cut(std::size_t index) {
  const std::size_t size = bytes_of(index);
  const std::uint32_t count = magazine_blocks(index);
  const std::size_t needed = (count * size + kCacheLine - 1) & ~(kCacheLine - 1);
  if (free_bytes_ < needed) add_chunk(needed);
  std::byte* const begin = std::exchange(free_, free_ + needed);
  free_bytes_ -= needed;
  Magazine magazine{nullptr, count};
  for (std::uint32_t i = count; i-- > 0;) {
    magazine.first = ::new (static_cast<void*>(begin + i * size)) Block{magazine.first, nullptr};
  }
  return magazine;
}

// What is left of the chunk before is given up: less than a magazine.
void ArenaResource::add_chunk(std::size_t needed) {
  const std::size_t bytes = std::max(next_chunk_bytes_, needed + kCacheLine);
  auto* const memory = static_cast<std::byte*>(upstream_->allocate(bytes, kCacheLine));
  chunks_ = ::new (static_cast<void*>(memory)) Chunk{chunks_, bytes};
  chunk_bytes_ += bytes;
  free_ = memory + kCacheLine;
  free_bytes_ = bytes - kCacheLine;
  next_chunk_bytes_ = std::min(2 * next_chunk_bytes_, options_.largest_chunk_bytes);
}

}  // namespace crosstalk::pool
