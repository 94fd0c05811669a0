// Random streams, keyed by (seed, purpose, client or room) and never by thread: the same operations come out
// however they are spread over drivers. xoshiro256** (Blackman and Vigna, 2018), seeded by splitmix64.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "workloads/portable_math.h"

namespace crosstalk::workloads {

// What a stream is for. Values are part of the trace's identity: append, never renumber.
enum class Purpose : std::uint64_t {
  membership = 1,
  operations = 2,
  arrivals = 3,
  lengths = 4,
  lurkers = 5,
  plan = 6,
  faults = 7,
  think = 8,
  clusters = 9,
  herds = 10,
  outside = 11,
  repeats = 12,
};

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, Purpose purpose, std::uint64_t id = 0) noexcept {
    std::uint64_t state = scramble((seed + 0x632BE59BD9B4E019ULL) ^
                                   scramble(static_cast<std::uint64_t>(purpose) ^ scramble(id + 1)));
    for (std::uint64_t& word : words_) word = scramble(state += 0x9E3779B97F4A7C15ULL);
  }

  std::uint64_t next() noexcept {
    const std::uint64_t result = std::rotl(words_[1] * 5, 7) * 9;
    const std::uint64_t shifted = words_[1] << 17;
    words_[2] ^= words_[0];
    words_[3] ^= words_[1];
    words_[1] ^= words_[2];
    words_[0] ^= words_[3];
    words_[2] ^= shifted;
    words_[3] = std::rotl(words_[3], 45);
    return result;
  }

  // In [0, 1), 53 bits.
  double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  // In (0, 1]: never the argument that log cannot take.
  double positive() noexcept { return static_cast<double>((next() >> 11) + 1) * 0x1.0p-53; }

  // In [0, n), n > 0, without bias (Lemire, TOMACS 2019).
  std::uint64_t below(std::uint64_t n) noexcept {
    __extension__ using Wide = unsigned __int128;
    Wide product = static_cast<Wide>(next()) * n;
    if (static_cast<std::uint64_t>(product) < n) {  // seldom, so the division is too
      const std::uint64_t threshold = (0 - n) % n;
      while (static_cast<std::uint64_t>(product) < threshold) product = static_cast<Wide>(next()) * n;
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

  double exponential() noexcept { return -portable_log(positive()); }

  // Marsaglia's polar method; one of the pair is thrown away, which keeps the stream free of hidden state.
  double normal() noexcept {
    for (;;) {
      const double x = 2 * uniform() - 1;
      const double y = 2 * uniform() - 1;
      const double square = x * x + y * y;
      if (square < 1 && square > 1e-300) return x * std::sqrt(-2 * portable_log(square) / square);
    }
  }

 private:
  static constexpr std::uint64_t scramble(std::uint64_t x) noexcept {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
  }

  std::uint64_t words_[4];
};

}  // namespace crosstalk::workloads
