// Part of every fuzz program: Fast C++ CSV Parser takes a buffer of 48 MiB for each file, however small. AddressSanitizer marks
// every byte of it anew, which is 25 times the work of reading a small file. So the last such buffer is kept and handed out
// again, with pages around it that nobody may touch.
#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t kLarge = std::size_t{3} << 24;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kMapped = kLarge + 2 * kPage;

bool in_use = false;

// Null if it cannot be had. The fuzz programs have one thread.
void* large() {
  static char* const mapped = [] {
    void* const all = ::mmap(nullptr, kMapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) return static_cast<char*>(nullptr);
    char* const inside = static_cast<char*>(all) + kPage;
    return ::mprotect(inside, kLarge, PROT_READ | PROT_WRITE) == 0 ? inside : nullptr;
  }();
  return mapped;
}

}  // namespace

void* operator new[](std::size_t size) {
  if (size == kLarge && !in_use && large() != nullptr) {
    in_use = true;
    return large();
  }
  void* const block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void operator delete[](void* block) noexcept {
  if (in_use && block == large()) {
    in_use = false;
  } else {
    std::free(block);
  }
}
void operator delete[](void* block, std::size_t) noexcept {
  ::operator delete[](block);
}
