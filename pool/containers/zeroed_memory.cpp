#include "pool/containers/zeroed_memory.h"

#include <cstdint>
#include <cstring>
#include <limits>
#include <new>

#include <sys/mman.h>

namespace crosstalk::pool {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

constexpr std::size_t round_up(std::size_t bytes, std::size_t to) {
  return (bytes + to - 1) / to * to;
}

void* map_pages(std::size_t bytes) {
  void* const data =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED) throw std::bad_alloc();
  return data;
}

// At the boundary of a huge page: what is mapped too much goes back.
void* map_huge(std::size_t bytes) {
  auto* const all = static_cast<std::byte*>(map_pages(bytes + kHugePage));
  const auto address = reinterpret_cast<std::uintptr_t>(all);
  const std::size_t before = round_up(address, kHugePage) - address;
  if (before != 0) munmap(all, before);
  munmap(all + before + bytes, kHugePage - before);
  madvise(all + before, bytes, MADV_HUGEPAGE);  // an advice: without it the pages are small
  return all + before;
}

}  // namespace

ZeroedMemory::ZeroedMemory(std::size_t bytes) : bytes_(bytes) {
  if (bytes > std::numeric_limits<std::size_t>::max() / 4) throw std::bad_alloc();
  if (bytes < kMappedLeast) {
    data_ = std::memset(::operator new (bytes, std::align_val_t{kAlignment}), 0, bytes);
  } else {
    bytes_ = round_up(bytes, kPage);
    data_ = bytes < kHugePage ? map_pages(bytes_) : map_huge(bytes_);
  }
}

ZeroedMemory::~ZeroedMemory() {
  if (data_ == nullptr) return;
  if (bytes_ < kMappedLeast) {
    ::operator delete (data_, std::align_val_t{kAlignment});
  } else {
    munmap(data_, bytes_);
  }
}

void ZeroedMemory::discard(std::size_t from, std::size_t to) noexcept {
  if (bytes_ < kMappedLeast) return;
  const std::size_t first = round_up(from, kPage);
  const std::size_t last = to / kPage * kPage;
  if (first < last) madvise(static_cast<std::byte*>(data_) + first, last - first, MADV_DONTNEED);
}

}  // namespace crosstalk::pool
