// A stream buffer over a file descriptor that remembers why a write failed: a closed pipe is no error of
// ours, a full disk is, and std::cout cannot tell them apart.
#pragma once

#include <array>
#include <streambuf>

namespace crosstalk::harness {

class DescriptorBuffer final : public std::streambuf {
 public:
  // The descriptor stays the caller's.
  explicit DescriptorBuffer(int descriptor) noexcept : descriptor_(descriptor) {
    setp(buffer_.data(), buffer_.data() + buffer_.size());
  }
  ~DescriptorBuffer() override { sync(); }

  // errno of the first write that failed; 0: none. After that, nothing more is written.
  [[nodiscard]] int error() const noexcept { return error_; }

 protected:
  int_type overflow(int_type c) override;
  int sync() override;

 private:
  int descriptor_;
  int error_ = 0;
  std::array<char, 1 << 16> buffer_;
};

}  // namespace crosstalk::harness
