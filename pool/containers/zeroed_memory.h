// zeroed_memory: a block of zeros for a big table, whose pages come when they are first touched, and whose pages can be
// given back while the addresses stay: who still reads there reads zeros. Blocks of a huge page and more ask the kernel for
// huge pages, which save most of the misses of the TLB where a table is far bigger than the caches.
//
// Ownership: the object owns the block. Errors: std::bad_alloc. Linux only.
#pragma once

#include <cstddef>
#include <utility>

namespace crosstalk::pool {

class ZeroedMemory {
 public:
  static constexpr std::size_t kAlignment = 128;

  ZeroedMemory() = default;
  explicit ZeroedMemory(std::size_t bytes);
  ZeroedMemory(ZeroedMemory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  ZeroedMemory& operator=(ZeroedMemory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ZeroedMemory(const ZeroedMemory&) = delete;
  ZeroedMemory& operator=(const ZeroedMemory&) = delete;
  ~ZeroedMemory();

  [[nodiscard]] void* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_; }

  // Gives back the whole pages within [from, to), both in bytes. Small blocks keep theirs.
  void discard(std::size_t from, std::size_t to) noexcept;

 private:
  static constexpr std::size_t kMappedLeast = std::size_t{256} << 10;  // smaller ones come from the heap

  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace crosstalk::pool
