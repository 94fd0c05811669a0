// fixed_array: as many objects as were asked for, side by side in a memory resource, which never move: also for types that
// cannot be copied or moved, locks among them. All are made with the same arguments.
//
// Progress and thread safety: those of the elements. The resource outlives the array.
// Errors: what the resource or a constructor throws; then nothing is left.
#pragma once

#include <cstddef>
#include <memory>
#include <memory_resource>
#include <new>

namespace crosstalk::pool {

template <class T>
class FixedArray {
 public:
  template <class... Args>
  FixedArray(std::pmr::memory_resource* memory, std::size_t size, const Args&... args)
      : memory_(memory), first_(static_cast<T*>(memory->allocate(bytes_of(size), alignof(T)))) {
    try {
      for (; size_ < size; ++size_) ::new (static_cast<void*>(first_ + size_)) T(args...);
    } catch (...) {
      std::destroy_n(first_, size_);
      memory_->deallocate(first_, bytes_of(size), alignof(T));
      throw;
    }
  }
  FixedArray(const FixedArray&) = delete;
  FixedArray& operator=(const FixedArray&) = delete;
  ~FixedArray() {
    std::destroy_n(first_, size_);
    memory_->deallocate(first_, size_ * sizeof(T), alignof(T));
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] T& operator[](std::size_t index) noexcept { return first_[index]; }
  [[nodiscard]] const T& operator[](std::size_t index) const noexcept { return first_[index]; }
  [[nodiscard]] T* begin() noexcept { return first_; }
  [[nodiscard]] T* end() noexcept { return first_ + size_; }
  [[nodiscard]] const T* begin() const noexcept { return first_; }
  [[nodiscard]] const T* end() const noexcept { return first_ + size_; }

 private:
  static std::size_t bytes_of(std::size_t size) {
    if (size > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_array_new_length();
    return size * sizeof(T);
  }

  std::pmr::memory_resource* memory_;
  T* first_;
  std::size_t size_ = 0;
};

}  // namespace crosstalk::pool
