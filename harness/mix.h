// A 64-bit mixing function for digests: every input bit changes about half of the output's.
#pragma once

#include <cstdint>

namespace crosstalk::harness {

[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  // The finalizer of splitmix64 (Steele, Lea, Flood, OOPSLA 2014), fed with both words.
  std::uint64_t x = a * 0x9E3779B97F4A7C15ULL + b;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

}  // namespace crosstalk::harness
