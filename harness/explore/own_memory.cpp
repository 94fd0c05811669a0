#include "harness/explore/own_memory.h"

#include <sys/mman.h>

#include <cstdint>

namespace crosstalk::harness::explore {

namespace {

constexpr std::size_t kOwnBytes = std::size_t{128}
                                  << 20;  // of addresses; memory is taken where it is touched
constexpr std::size_t kOwnAlignment = 64;

constinit std::uintptr_t own_begin = 0;
constinit std::size_t own_used = 0;

}  // namespace

void* map_own_memory(std::size_t bytes) noexcept {
  if (own_begin == 0) {
    void* const region =
        mmap(nullptr, kOwnBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) return nullptr;
    own_begin = reinterpret_cast<std::uintptr_t>(region);
  }
  const std::size_t rounded = (bytes + kOwnAlignment - 1) / kOwnAlignment * kOwnAlignment;
  if (rounded > kOwnBytes - own_used) return nullptr;
  void* const memory = reinterpret_cast<void*>(own_begin + own_used);
  own_used += rounded;
  return memory;
}

bool is_own_memory(const void* memory) noexcept {
  return reinterpret_cast<std::uintptr_t>(memory) - own_begin < kOwnBytes;
}

}  // namespace crosstalk::harness::explore
