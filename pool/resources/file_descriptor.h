// file_descriptor: an open file or folder, closed at the end.
#pragma once

#include <unistd.h>

#include <utility>

namespace crosstalk::pool {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  // Takes it over; a negative number is none.
  explicit FileDescriptor(int descriptor) noexcept : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      reset();
      descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
  }
  ~FileDescriptor() { reset(); }

  explicit operator bool() const noexcept { return descriptor_ >= 0; }
  [[nodiscard]] int get() const noexcept { return descriptor_; }
  // Its owner is the caller now.
  [[nodiscard]] int detach() noexcept { return std::exchange(descriptor_, -1); }
  void reset() noexcept {
    // Not tried again if a signal interrupts it: on Linux the descriptor is gone by then, and might be somebody else's.
    if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
  }

 private:
  int descriptor_ = -1;
};

}  // namespace crosstalk::pool
