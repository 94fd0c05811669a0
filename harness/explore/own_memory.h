// Memory of the explorer's own: no part of the program's globals, so that putting these back leaves it alone; shared with the
// exploring children. Zeroed, taken once, never given back.
#pragma once

#include <cstddef>

namespace crosstalk::harness::explore {

// Null where the system has no more.
[[nodiscard]] void* map_own_memory(std::size_t bytes) noexcept;
[[nodiscard]] bool is_own_memory(const void* memory) noexcept;

template <class T>
[[nodiscard]] T* own_memory() noexcept {
  return static_cast<T*>(map_own_memory(sizeof(T)));
}

// memcpy and memset without the calls, which are interposed.
inline void copy_bytes(void* target, const void* source, std::size_t bytes) noexcept {
  asm volatile("rep movsb" : "+D"(target), "+S"(source), "+c"(bytes) : : "memory");
}
inline void clear_bytes(void* target, std::size_t bytes) noexcept {
  asm volatile("rep stosb" : "+D"(target), "+c"(bytes) : "a"(0) : "memory");
}

}  // namespace crosstalk::harness::explore
