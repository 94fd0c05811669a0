// FNV-style 64-bit hash of words, the same with every compiler and on every machine.
#pragma once

#include <bit>
#include <cstdint>

namespace crosstalk::workloads {

class Hash {
 public:
  void add(std::uint64_t value) noexcept {
    state_ = (state_ ^ value) * 0x9FB21C651E98DF25ULL;
    state_ ^= state_ >> 32;
  }
  void add(double value) noexcept { add(std::bit_cast<std::uint64_t>(value)); }
  [[nodiscard]] std::uint64_t value() const noexcept { return state_; }

 private:
  std::uint64_t state_ = 0xCBF29CE484222325ULL;
};

}  // namespace crosstalk::workloads
