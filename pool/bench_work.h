// For benchmarks: work that takes a known time and touches nothing shared. It is a chain of multiplications, each of which waits
// for the one before, so that neither the compiler nor the processor can shorten it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>

namespace crosstalk::pool {

inline std::uint64_t bench_work(std::uint64_t value, std::uint32_t steps) noexcept {
  for (std::uint32_t i = 0; i < steps; ++i) {
    value = value * 6364136223846793005ULL + 1442695040888963407ULL;
    asm volatile("" : "+r"(value));
  }
  return value;
}

// What one step takes. Measured once a process, as the least of many short runs: whoever is interrupted in all of them has no
// processor to measure on.
inline double bench_step_ns() noexcept {
  static const double measured = [] {
    using Clock = std::chrono::steady_clock;
    constexpr std::uint32_t kSteps = 20'000;
    double least = std::numeric_limits<double>::max();
    std::uint64_t value = 1;
    for (int i = 0; i < 100; ++i) {
      const auto start = Clock::now();
      value = bench_work(value, kSteps);
      asm volatile("" ::"r"(value));
      const std::chrono::duration<double, std::nano> taken = Clock::now() - start;
      least = std::min(least, taken.count() / kSteps);
    }
    return least;
  }();
  return measured;
}

// How many steps take that long.
inline std::uint32_t bench_steps(double ns) noexcept {
  return static_cast<std::uint32_t>(std::lround(ns / bench_step_ns()));
}

// A thread's own random numbers, a few instructions each.
class BenchRandom {
 public:
  explicit BenchRandom(unsigned thread) noexcept
      : state_((std::uint64_t{thread} + 1) * 0x9E3779B97F4A7C15ULL) {
    next();
  }

  // Below `bound`.
  std::uint32_t below(std::uint32_t bound) noexcept {
    return static_cast<std::uint32_t>((std::uint64_t{next()} * bound) >> 32);
  }

 private:
  std::uint32_t next() noexcept {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::uint32_t>((state_ ^ (state_ >> 22)) >> 29);
  }

  std::uint64_t state_;
};

}  // namespace crosstalk::pool
