// memory_ptr: one object in a memory resource, and its owner. The resource outlives it.
#pragma once

#include <memory>
#include <memory_resource>
#include <utility>

namespace crosstalk::pool {

template <class T>
class MemoryDelete {
 public:
  MemoryDelete() = default;
  explicit MemoryDelete(std::pmr::memory_resource* memory) noexcept : memory_(memory) {}
  void operator()(T* object) const noexcept {
    object->~T();
    memory_->deallocate(object, sizeof(T), alignof(T));
  }

 private:
  std::pmr::memory_resource* memory_ = nullptr;
};

template <class T>
using MemoryPtr = std::unique_ptr<T, MemoryDelete<T>>;

// Throws what the resource or T's constructor throws; then nothing is left allocated.
template <class T, class... Args>
[[nodiscard]] MemoryPtr<T> make_in(std::pmr::memory_resource* memory, Args&&... args) {
  void* const place = memory->allocate(sizeof(T), alignof(T));
  try {
    return MemoryPtr<T>(new (place) T(std::forward<Args>(args)...), MemoryDelete<T>(memory));
  } catch (...) {
    memory->deallocate(place, sizeof(T), alignof(T));
    throw;
  }
}

}  // namespace crosstalk::pool
